"""Rectangles that are wiped out."""

import numpy as np
import pytest

from lightning_skin.data.augmentation import Augmentation, with_erasing
from lightning_skin.data.preprocessing import Preprocessing

SIZE = 64


def noise(width: int, height: int) -> np.ndarray:
    # No pixel has the colour of the mean.
    values = np.random.default_rng(0).integers(0, 100, (height, width, 3), dtype=np.uint8)
    return values + np.where(values < 50, 0, 155).astype(np.uint8)


def erased(augment: Augmentation | None, seed: int) -> np.ndarray:
    """Where a 64 x 64 image was erased."""
    assert augment is not None
    changed = augment(noise(SIZE, SIZE), SIZE, np.random.default_rng(seed))
    return (changed != noise(SIZE, SIZE)).all(axis=2)


def test_a_probability_of_0_changes_nothing() -> None:
    assert with_erasing(None, 0.0, (0.1, 0.2)) is None


@pytest.mark.parametrize(("smallest", "largest"), [(0.02, 0.2), (0.1, 0.1), (0.5, 0.9), (1.0, 1.0)])
def test_the_area_is_the_share_that_was_drawn(smallest: float, largest: float) -> None:
    shares = [erased(with_erasing(None, 1.0, (smallest, largest)), seed).mean() for seed in range(200)]
    # A side is rounded to whole pixels.
    assert smallest - 0.012 <= min(shares) <= max(shares) <= largest + 0.012
    assert np.mean(shares) == pytest.approx((smallest + largest) / 2, abs=0.02)


def test_what_is_erased_is_one_rectangle_of_the_mean_colour() -> None:
    image = noise(SIZE, SIZE)
    changed = with_erasing(None, 1.0, (0.1, 0.1))(image, SIZE, np.random.default_rng(0))
    rows, columns = np.nonzero((changed != image).all(axis=2))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert height * width == len(rows)
    assert changed[rows[0], columns[0]].tolist() == np.rint(image.mean((0, 1))).tolist()
    assert max(height / width, width / height) <= 3.3


def test_rectangles_lie_anywhere_and_not_always() -> None:
    masks = np.stack([erased(with_erasing(None, 0.5, (0.05, 0.2)), seed) for seed in range(300)])
    assert 120 <= masks.any(axis=(1, 2)).sum() <= 180
    often = masks.any(axis=0)
    assert all(edge.any() for edge in (often[0], often[-1], often[:, 0], often[:, -1]))
    assert often[8:-8, 8:-8].all()
    assert masks.mean(axis=0)[24:40, 24:40].mean() > masks.mean(axis=0)[:4, :4].mean()


def test_without_an_augmentation_the_evaluated_square_is_erased() -> None:
    image = noise(90, SIZE)
    seen = Preprocessing(32).resize(image)
    changed = with_erasing(None, 1.0, (0.1, 0.1))(image, 32, np.random.default_rng(0))
    assert np.mean((changed == seen).all(axis=2)) == pytest.approx(0.9, abs=0.02)
