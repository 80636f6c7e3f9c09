from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import functional

from lightning_skin.data.augmentation.colour import LUMA, colour_matrix

MUTED = np.random.default_rng(0).integers(90, 160, (16, 16, 3), dtype=np.uint8)  # nothing is clipped


def changed(pixels: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return pixels @ matrix[:, :3].T + matrix[:, 3]


@pytest.mark.parametrize("factor", [0.85, 1.15])
@pytest.mark.parametrize(
    ("position", "adjust"),
    [(0, functional.adjust_brightness), (1, functional.adjust_contrast), (2, functional.adjust_saturation)],
)
def test_a_change_is_that_of_torchvision(
    position: int, adjust: Callable[..., Image.Image], factor: float
) -> None:
    factors = [1.0, 1.0, 1.0]
    factors[position] = factor
    expected = np.asarray(adjust(Image.fromarray(MUTED), factor), float)
    found = changed(MUTED, colour_matrix(*factors, 0, MUTED.mean((0, 1))))
    assert np.abs(found - expected).max() <= 1.5  # torchvision rounds the grey


def test_changes_follow_one_another() -> None:
    mean = MUTED.mean((0, 1))
    steps = [(1.1, 1, 1, 0), (1, 0.9, 1, 0), (1, 1, 1.2, 0), (1, 1, 1, 0.03)]
    expected = MUTED.astype(float)
    for step in steps:
        expected = changed(expected, colour_matrix(*step, expected.mean((0, 1))))
    np.testing.assert_allclose(changed(MUTED, colour_matrix(1.1, 0.9, 1.2, 0.03, mean)), expected)


def test_hue_keeps_the_luma() -> None:
    found = changed(MUTED, colour_matrix(1, 1, 1, 0.1, MUTED.mean((0, 1))))
    np.testing.assert_allclose(found @ LUMA, MUTED @ LUMA, atol=1e-3)


@pytest.mark.parametrize(("shift", "largest"), [(1 / 3, 1), (-1 / 3, 2)])
def test_a_third_of_the_circle_turns_red_to_green_and_back_to_blue(shift: float, largest: int) -> None:
    red = np.array([[[200.0, 100, 100]]])
    assert changed(red, colour_matrix(1, 1, 1, shift, (0, 0, 0))).argmax() == largest


def test_no_change_is_the_identity() -> None:
    np.testing.assert_allclose(colour_matrix(1, 1, 1, 0, (9, 99, 199)), np.eye(3, 4), atol=1e-12)
