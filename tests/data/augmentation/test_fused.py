import math

import numpy as np
import pytest

from lightning_skin.data.augmentation import fused
from lightning_skin.data.augmentation.colour import colour_matrix
from lightning_skin.data.augmentation.fused import View, cut_out, recolour
from lightning_skin.data.resize import resize

BLACK = (0.0, 0.0, 0.0)
QUARTER = math.pi / 2


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_flips_and_quarter_turns_are_exact(turns: int, mirrored: bool) -> None:
    pixels = noise(16, 16)
    expected = np.rot90(pixels[:, ::-1] if mirrored else pixels, turns)
    view = View(8, 8, 16, turns * QUARTER, mirrored)
    assert np.array_equal(cut_out(pixels, view, 16, BLACK), expected)


def test_a_view_is_cut_out_where_it_lies() -> None:
    pixels = noise(40, 30)
    assert np.array_equal(cut_out(pixels, View(25, 12, 10, 0, False), 10, BLACK), pixels[7:17, 20:30])


def test_enlarging_is_plain_bilinear_resizing() -> None:
    pixels = noise(12, 12)
    found = cut_out(pixels, View(6, 6, 12, 0, False), 24, BLACK)[2:-2, 2:-2].astype(float)
    # OpenCV knows positions to 1/32 pixel.
    assert np.abs(found - resize(pixels, 24, 24)[2:-2, 2:-2]).max() <= 2


def test_outside_the_image_is_filled() -> None:
    view = cut_out(np.full((8, 8, 3), 200, np.uint8), View(4, 4, 32, 0.3, False), 32, (10, 20, 30))
    assert view[0, 0].tolist() == [10, 20, 30]
    assert view[16, 16].tolist() == [200, 200, 200]


def test_colours_are_rounded_and_clipped() -> None:
    pixels = np.array([[[0, 100, 250]]], np.uint8)
    assert recolour(pixels, colour_matrix(1.1, 1, 1, 0, BLACK)).tolist() == [[[0, 110, 255]]]


@pytest.mark.parametrize("height", [170, 300, 450, 1000])
def test_large_images_do_not_alias(height: int) -> None:
    stripes = (np.indices((height, height))[1] % 2 * 255).astype(np.uint8)
    pixels = np.repeat(stripes[..., None], 3, axis=2)
    augment = fused(1, 0, 0, 0, 0)
    images = [augment(pixels, 64, np.random.default_rng(seed)) for seed in range(20)]
    # Stripes of single pixels are grey from afar.
    assert np.mean([image.std() for image in images]) < 25
