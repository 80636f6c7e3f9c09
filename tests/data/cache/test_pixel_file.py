import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.cache.codec import RAW
from lightning_skin.data.cache.pixel_file import TRAILER, DamagedFileError, PixelFile, write_pixels
from lightning_skin.errors import InputError

IMAGES = [
    np.random.default_rng(number).integers(0, 256, (number + 2, 9 - number, 3), dtype=np.uint8)
    for number in range(5)
]


@pytest.fixture
def written() -> bytes:
    file = io.BytesIO()
    write_pixels(file, ((RAW.encode(pixels), *pixels.shape[:2]) for pixels in IMAGES))
    return file.getvalue()


@pytest.fixture
def path(tmp_path: Path, written: bytes) -> Path:
    (tmp_path / "images.pixels").write_bytes(written)
    return tmp_path / "images.pixels"


def test_images_of_any_size_come_back_by_row(path: Path) -> None:
    images = PixelFile(path, RAW)
    assert len(images) == 5
    for row in (3, 0, 4, 1, 2):
        assert np.array_equal(images[row], IMAGES[row])


def test_a_file_travels_to_other_processes_without_its_pixels(path: Path) -> None:
    images = PixelFile(path, RAW)
    images[0]
    pickled = pickle.dumps(images)
    assert IMAGES[0].tobytes() not in pickled
    assert np.array_equal(pickle.loads(pickled)[3], IMAGES[3])


def test_no_images_are_a_file_too(tmp_path: Path) -> None:
    with (tmp_path / "none.pixels").open("wb") as file:
        write_pixels(file, [])
    assert len(PixelFile(tmp_path / "none.pixels", RAW)) == 0


def test_a_file_cut_off_anywhere_is_refused(path: Path, written: bytes) -> None:
    for size in range(len(written)):
        path.write_bytes(written[:size])
        with pytest.raises(DamagedFileError):
            PixelFile(path, RAW)


def test_a_damaged_index_is_refused(path: Path, written: bytes) -> None:
    changed = bytearray(written)
    changed[-TRAILER.size - 3] ^= 1
    path.write_bytes(changed)
    with pytest.raises(DamagedFileError, match="its index is damaged"):
        PixelFile(path, RAW)


def test_missing_pixels_are_noticed(path: Path, written: bytes) -> None:
    path.write_bytes(written[10:])
    with pytest.raises(DamagedFileError, match="its index is damaged"):
        PixelFile(path, RAW)


def test_damaged_pixels_are_noticed_when_their_image_is_first_read(path: Path, written: bytes) -> None:
    for place in (0, len(IMAGES[0].tobytes()) - 1):
        changed = bytearray(written)
        changed[place] ^= 16
        path.write_bytes(changed)
        images = PixelFile(path, RAW)
        assert np.array_equal(images[1], IMAGES[1])
        with pytest.raises(InputError, match=r"image 0 of .*images\.pixels is damaged; delete that"):
            images[0]


def test_an_image_is_compared_once(path: Path) -> None:
    images = PixelFile(path, RAW)
    images[2]
    assert images.checked.tolist() == [False, False, True, False, False]


def test_another_version_is_refused(path: Path, written: bytes) -> None:
    changed = bytearray(written)
    changed[-TRAILER.size + 8] = 9
    path.write_bytes(changed)
    with pytest.raises(DamagedFileError, match="it is of version 9, expected 2"):
        PixelFile(path, RAW)


def test_another_file_is_refused(path: Path) -> None:
    path.write_bytes(b"something else altogether, and long enough to have an end of its own")
    with pytest.raises(DamagedFileError, match="its end is missing"):
        PixelFile(path, RAW)
