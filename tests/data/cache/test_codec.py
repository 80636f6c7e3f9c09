import numpy as np
import pytest

from lightning_skin.data.cache.codec import JPEG, RAW
from lightning_skin.errors import InputError


def smooth(height: int, width: int) -> np.ndarray:
    rows, columns = np.indices((height, width))
    return np.stack([rows, columns, rows + columns], axis=2).astype(np.uint8)


def test_raw_gives_back_every_pixel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    assert np.array_equal(RAW.decode(np.frombuffer(RAW.encode(pixels), np.uint8), 5, 7), pixels)


def test_jpeg_is_small_and_close_in_every_channel() -> None:
    pixels = smooth(60, 80)
    stored = JPEG.encode(pixels)
    assert len(stored) < pixels.size / 4
    found = JPEG.decode(np.frombuffer(stored, np.uint8), 60, 80)
    assert found.shape == pixels.shape
    assert np.abs(found.astype(float) - pixels).max() <= 6


def test_damaged_jpeg_says_what_to_delete() -> None:
    with pytest.raises(InputError, match=r"damaged; delete the files in data\.cache_dir"):
        JPEG.decode(np.zeros(100, np.uint8), 5, 7)
