"""Shades of grey."""

import numpy as np
import pytest

from lightning_skin.data.colour_constancy import shades_of_grey

TINT = np.array([1.0, 0.8, 0.6])


def grey(low: int = 0, high: int = 160) -> np.ndarray:
    return np.random.default_rng(0).integers(low, high, (40, 50, 1))


def test_a_tinted_grey_image_turns_grey() -> None:
    found = shades_of_grey(np.rint(grey() * TINT).astype(np.uint8)).astype(int)
    assert np.ptp(found, axis=2).max() <= 2
    # All channels get the root mean square of the light.
    expected = grey() * np.sqrt((TINT**2).mean())
    assert np.abs(found - expected).max() <= 2


def test_the_light_is_the_sixth_norm_of_each_channel() -> None:
    pixels = np.random.default_rng(1).integers(0, 120, (30, 30, 3), dtype=np.uint8)
    light = np.array([(pixels[..., k].astype(float) ** 6).mean() ** (1 / 6) for k in range(3)])
    expected = pixels * np.sqrt((light**2).mean()) / light
    assert np.abs(shades_of_grey(pixels) - expected).max() <= 0.5 + 1e-6


def test_a_second_time_changes_nothing() -> None:
    once = shades_of_grey(np.rint(grey() * TINT).astype(np.uint8))
    assert np.abs(shades_of_grey(once).astype(int) - once).max() <= 1


def test_the_same_skin_under_two_lamps_looks_alike() -> None:
    skin = np.random.default_rng(2).integers(60, 150, (30, 30, 3)) * np.array([1, 0.75, 0.65])
    warm, cold = (np.rint(skin * lamp).astype(np.uint8) for lamp in ([1.1, 1, 0.8], [0.85, 1, 1.15]))
    before = np.abs(warm.astype(int) - cold).mean()
    after = np.abs(shades_of_grey(warm).astype(int) - shades_of_grey(cold)).mean()
    assert before > 15
    # Length of the light's vector is kept, which the lamps differ in by a little.
    assert after < 5


def test_a_black_border_changes_nothing() -> None:
    pixels = np.rint(grey() * TINT).astype(np.uint8)
    framed = np.zeros((80, 90, 3), np.uint8)
    framed[20:60, 20:70] = pixels
    assert np.array_equal(shades_of_grey(framed)[20:60, 20:70], shades_of_grey(pixels))


def test_bright_pixels_are_clipped_not_wrapped() -> None:
    pixels = np.full((10, 10, 3), (250, 120, 60), np.uint8)
    pixels[:5] = 255
    found = shades_of_grey(pixels)
    assert found[0, 0, 1:].tolist() == [255, 255]
    assert found.dtype == np.uint8


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 0, 0), (0, 90, 90)])
def test_an_empty_channel_is_left_alone(colour: tuple[int, int, int]) -> None:
    pixels = np.full((6, 6, 3), colour, np.uint8)
    assert np.array_equal(shades_of_grey(pixels), pixels)
