import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.reading import read_grey, read_image, read_pixels
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def huge_png() -> bytes:
    """A PNG whose header declares 11,000 x 10,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 11_000, 10_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def unusable(folder: Path, kind: str, write_image: WriteImage) -> Path:
    """A file that is no usable image."""
    whole = {
        suffix: write_image(folder / f"whole.{suffix}", 64, 48).read_bytes() for suffix in ("jpg", "png")
    }
    content = {
        "empty.jpg": b"",
        "text.png": b"this is no image\n" * 20,
        "truncated.jpg": whole["jpg"][: len(whole["jpg"]) // 2],
        "truncated.png": whole["png"][: len(whole["png"]) // 2],
        "header.png": whole["png"][:20],
        "huge.png": huge_png(),
    }
    path = folder / kind
    path.write_bytes(content[kind])
    return path


UNUSABLE = [
    ("empty.jpg", "the file is empty"),
    ("text.png", "it is not an image in a known format"),
    ("truncated.jpg", "truncated"),
    ("truncated.png", "truncated"),
    ("header.png", ""),
    ("huge.png", "it has more than 100 million pixels"),
]


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
def test_lossless_rgb_comes_back_as_it_was_written(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    path = tmp_path / f"image.{suffix}"
    Image.fromarray(pixels).save(path)
    image = read_image(path)
    assert image.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (6, (1, 0)), (8, (0, 1))]
)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int, corner: tuple[int, int]) -> None:
    stored = Image.new("RGB", (32, 16), BLUE)
    stored.paste(RED, (0, 0, 16, 8))  # the top left quarter
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "image.png"
    stored.save(path, exif=exif)
    image = read_image(path)
    assert image.size == ((16, 32) if orientation >= 5 else (32, 16))
    far = (image.width - 1, image.height - 1)
    position = (corner[0] * far[0], corner[1] * far[1])
    opposite = (far[0] - position[0], far[1] - position[1])
    assert image.getpixel(position) == RED
    assert image.getpixel(opposite) == BLUE


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bit_grey_is_scaled_to_eight(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"image.{suffix}"
    Image.fromarray(np.array([[0, 257, 32_896, 65_021, 65_535]], dtype=np.uint16)).save(path)
    expected = [[[value] * 3 for value in (0, 1, 128, 253, 255)]]
    assert np.asarray(read_image(path)).tolist() == expected


def test_palette_becomes_its_colours(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([*RED, *GREEN])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "image.png")
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == [[list(RED), list(GREEN)]]


def test_transparent_palette_entry_becomes_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([*RED, *GREEN])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "image.png", transparency=1)
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == [[list(RED), list(WHITE)]]


def test_transparent_rgb_colour_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGB", (2, 1), RED)
    image.putpixel((1, 0), GREEN)
    image.save(tmp_path / "image.png", transparency=GREEN)
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == [[list(RED), list(WHITE)]]


def test_alpha_is_laid_over_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (3, 1), (*RED, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    image.putpixel((2, 0), (255, 0, 0, 51))  # a fifth of red on white
    image.save(tmp_path / "image.png")
    expected = [[list(RED), list(WHITE), [255, 204, 204]]]
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == expected


def test_grey_with_alpha_is_laid_over_white(tmp_path: Path) -> None:
    image = Image.new("LA", (2, 1), (100, 255))
    image.putpixel((1, 0), (100, 0))
    image.save(tmp_path / "image.png")
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == [[[100] * 3, list(WHITE)]]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "image.tif")
    image = read_image(tmp_path / "image.tif")
    assert image.mode == "RGB"
    assert image.getpixel((8, 8)) == RED


def test_one_bit_image_becomes_black_and_white(tmp_path: Path) -> None:
    image = Image.new("1", (2, 1), 0)
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "image.png")
    assert np.asarray(read_image(tmp_path / "image.png")).tolist() == [[[0] * 3, list(WHITE)]]


def test_float_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((2, 2), dtype=np.float32)).save(tmp_path / "image.tif")
    with pytest.raises(InputError, match="32-bit float pixels, expected 8 or 16 bits"):
        read_image(tmp_path / "image.tif")


READERS = [read_image, partial(read_pixels, shorter=1), partial(read_pixels, shorter=10_000)]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("kind", "reason"), UNUSABLE)
def test_unusable_file_is_named_in_one_line(
    tmp_path: Path, write_image: WriteImage, kind: str, reason: str, read: Callable[[Path], object]
) -> None:
    path = unusable(tmp_path, kind, write_image)
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path} cannot be read: ")
    assert reason in message
    assert "\n" not in message


def test_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder, expected an image file"):
        read_image(tmp_path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.jpg does not exist, expected an image file"):
        read_image(tmp_path / "absent.jpg")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_pixels_at_full_size_are_those_of_the_image(
    tmp_path: Path, mode: str, orientation: int, suffix: str
) -> None:
    stored = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"image.{suffix}"
    stored.convert("RGBA" if suffix == "png" and mode == "CMYK" else mode).save(path, exif=exif)
    assert np.array_equal(read_pixels(path, shorter=24), np.asarray(read_image(path)))


@pytest.mark.parametrize(
    ("shorter", "height"), [(1000, 160), (81, 160), (80, 80), (41, 80), (40, 40), (20, 20), (1, 20)]
)
def test_a_jpeg_is_decoded_no_larger_than_needed(tmp_path: Path, shorter: int, height: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    path = tmp_path / "image.jpg"
    Image.linear_gradient("L").resize((160, 240)).convert("RGB").save(path, exif=exif, quality=95)
    pixels = read_pixels(path, shorter)
    assert pixels.shape == (height, height * 3 // 2, 3)
    whole = read_image(path).resize((height * 3 // 2, height), Image.Resampling.BOX)
    assert np.abs(pixels.astype(float) - np.asarray(whole)).mean() < 1


@pytest.mark.parametrize("shorter", [1, 10_000])
def test_a_grey_jpeg_becomes_rgb(tmp_path: Path, shorter: int) -> None:
    Image.new("L", (64, 48), 77).save(tmp_path / "image.jpg")
    assert np.unique(read_pixels(tmp_path / "image.jpg", shorter)).tolist() == [77]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_grey_has_the_size_and_the_levels_asked_for(tmp_path: Path, suffix: str) -> None:
    quarters = Image.new("RGB", (640, 480), WHITE)
    quarters.paste((0, 0, 0), (0, 0, 320, 240))
    quarters.paste((100, 100, 100), (320, 240, 640, 480))
    quarters.save(tmp_path / f"image.{suffix}")
    grey = read_grey(tmp_path / f"image.{suffix}", width=4, height=2)
    assert grey.dtype == np.float32
    np.testing.assert_allclose(grey, [[0, 0, 255, 255], [255, 255, 100, 100]], atol=1)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_grey_is_upright(tmp_path: Path, orientation: int) -> None:
    stored = Image.new("RGB", (416, 208), WHITE)  # an eighth of it divides into quarters
    stored.paste((0, 0, 0), (0, 0, 208, 104))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "image.jpg", exif=exif)
    upright = read_image(tmp_path / "image.jpg").convert("L").resize((2, 2), Image.Resampling.BOX)
    np.testing.assert_allclose(read_grey(tmp_path / "image.jpg", 2, 2), np.asarray(upright), atol=1)


def test_scaled_decoding_barely_changes_grey(tmp_path: Path) -> None:
    y, x = np.mgrid[:900, :1200] / 60
    waves = np.stack([128 + 100 * np.sin(x), 128 + 90 * np.cos(y), 128 + 80 * np.sin(x + y)], axis=2)
    Image.fromarray(waves.astype(np.uint8)).save(tmp_path / "image.jpg", quality=95)
    whole = read_image(tmp_path / "image.jpg").convert("L").resize((64, 48), Image.Resampling.BOX)
    difference = np.abs(read_grey(tmp_path / "image.jpg", 64, 48) - np.asarray(whole))
    assert difference.mean() < 0.5
    assert difference.max() < 3


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (8, 6)])
def test_images_smaller_than_asked_for_are_enlarged(
    tmp_path: Path, write_image: WriteImage, size: tuple[int, int]
) -> None:
    grey = read_grey(write_image(tmp_path / "image.jpg", *size), 32, 32)
    assert grey.shape == (32, 32)
    assert 0 <= grey.min() <= grey.max() <= 255


@pytest.mark.parametrize(("kind", "reason"), UNUSABLE)
def test_grey_of_an_unusable_file_names_it(
    tmp_path: Path, write_image: WriteImage, kind: str, reason: str
) -> None:
    path = unusable(tmp_path, kind, write_image)
    with pytest.raises(InputError) as caught:
        read_grey(path, 32, 32)
    assert str(caught.value).startswith(f"{path} cannot be read: ")
    assert reason in str(caught.value)


def test_grey_of_a_missing_file_or_a_folder_names_it(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "absent.jpg", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(InputError, match=f"{path} cannot be read: .*{reason}"):
            read_grey(path, 32, 32)


def test_a_damaged_exif_block_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "Canon", 72.0
    path = tmp_path / "image.jpg"
    Image.new("RGB", (80, 60), (200, 120, 90)).save(path, exif=exif)
    damaged = bytearray(path.read_bytes())
    damaged[79], damaged[41] = 0x74, 0x43
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="cannot be read"):
        read_image(path)
