import math

import numpy as np
import pytest

from lightning_skin.data.augmentation import affine, fused
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


def linear_map(view: np.ndarray) -> np.ndarray:
    """Steps in an image whose red grows to the right and whose green grows downwards, by a level a pixel."""
    middle = view[16:48, 16:48].astype(float)
    rows, columns = np.indices(middle.shape[:2]).reshape(2, -1)
    design = np.stack([columns, rows, np.ones_like(rows)], axis=1)
    return np.linalg.lstsq(design, middle[..., :2].reshape(-1, 2), rcond=None)[0][:2].T


def ramp() -> np.ndarray:
    rows, columns = np.indices((200, 200))
    return np.stack([columns + 20, rows + 20, np.zeros_like(rows)], axis=2).astype(np.uint8)


def test_a_stretched_view_shows_more_of_the_width_and_less_of_the_height() -> None:
    view = cut_out(ramp(), View(100, 100, 64, 0, False, 0, 1.5), 64, BLACK)
    np.testing.assert_allclose(linear_map(view), [[1.5, 0], [0, 1 / 1.5]], atol=0.02)


def test_a_sheared_view_leans_and_keeps_its_area() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, 32:] = 255
    view = cut_out(pixels, View(32, 32, 32, 0, False, 0.5), 32, BLACK)[..., 0] > 127
    # The middle row is where it was; 15.5 rows from it the edge has moved by half as much.
    assert view[[0, 31]].sum(axis=1).tolist() == [8, 24]
    assert view.mean() == 0.5


@pytest.mark.parametrize(
    ("shear", "stretch", "largest"),
    [
        (0.0, 0.3, 1.3),
        # The ratio of the axes of the ellipse that a circle is sheared to, by a tangent of t.
        (20.0, 0.0, ((math.tan(math.radians(20)) + math.hypot(2, math.tan(math.radians(20)))) / 2) ** 2),
    ],
)
def test_an_affine_view_is_distorted_within_its_limits_and_keeps_its_area(
    shear: float, stretch: float, largest: float
) -> None:
    augment = affine(0.25, shear, stretch, 0, 0, 0, 0)
    maps = [linear_map(augment(ramp(), 64, np.random.default_rng(seed))) for seed in range(100)]
    ratios = [np.divide(*np.linalg.svd(one, compute_uv=False)) for one in maps]
    assert 1 <= min(ratios) < 1.05
    assert largest * 0.95 < max(ratios) < largest * 1.02
    shares = [abs(np.linalg.det(one)) * 64**2 / 200**2 for one in maps]
    assert 0.24 < min(shares) < 0.3
    assert 0.9 < max(shares) < 1.02
    similar = fused(0.25, 0, 0, 0, 0)
    other = [linear_map(similar(ramp(), 64, np.random.default_rng(seed))) for seed in range(5)]
    np.testing.assert_allclose(
        [np.divide(*np.linalg.svd(one, compute_uv=False)) for one in other], 1, atol=0.02
    )
