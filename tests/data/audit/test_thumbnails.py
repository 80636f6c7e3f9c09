import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.audit.thumbnails import thumbnail
from lightning_skin.errors import InputError

ORIENTATION = 0x0112


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("size", "shown"), [((600, 450), (200, 150)), ((450, 600), (150, 200)), ((64, 48), (64, 48))]
)
def test_the_longer_side_is_at_most_200_pixels(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    Image.new("RGB", size, (200, 120, 110)).save(tmp_path / "image.png")
    picture = opened(thumbnail(tmp_path / "image.png"))
    assert (picture.format, picture.size) == ("JPEG", shown)
    assert picture.convert("RGB").getpixel((0, 0)) == pytest.approx((200, 120, 110), abs=3)


def test_a_large_photograph_looks_as_it_does_at_its_full_size(tmp_path: Path) -> None:
    small = np.random.default_rng(0).integers(40, 216, (9, 12, 3), dtype=np.uint8)
    photograph = Image.fromarray(small).resize((3000, 2250), Image.Resampling.BICUBIC)
    photograph.save(tmp_path / "image.jpg", quality=95)
    photograph.thumbnail((200, 200), Image.Resampling.LANCZOS)
    shown = np.asarray(opened(thumbnail(tmp_path / "image.jpg")), float)
    assert np.abs(shown - np.asarray(photograph, float)).mean() < 2


def test_a_thumbnail_stands_upright_and_carries_no_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.new("RGB", (600, 450)).save(tmp_path / "image.jpg", exif=exif, comment=b"Jane Doe", dpi=(72, 72))
    content = thumbnail(tmp_path / "image.jpg")
    picture = opened(content)
    assert picture.size == (150, 200)
    assert not picture.getexif()
    assert b"Jane Doe" not in content


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(InputError, match="the file is empty"):
        thumbnail(tmp_path / "empty.jpg")
