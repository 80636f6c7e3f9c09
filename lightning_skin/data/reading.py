"""Images from files: every common format becomes upright 8-bit RGB."""

import io
import struct
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from lightning_skin.data.resize import Pixels
from lightning_skin.errors import InputError

T = TypeVar("T")

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
# With a colour flag these say the scale alone.
SCALES = {
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
}
ORIENTATION = 0x0112  # EXIF tag
MAX_PIXELS = (
    100_000_000  # decoded, 300 MB; a larger picture is no dermoscopic image but would take the machine down
)

# Our own limit refuses such images with a message of its own.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class ImageContent(Protocol):
    """The bytes of an image file, wherever they are kept; a ``Path`` is one. ``str`` names the image."""

    def read_bytes(self) -> bytes:
        """All of them."""
        ...


def read_image(path: ImageContent) -> Image.Image:
    """Decode an image file at its full size.

    EXIF orientation is applied, transparency is laid over white, 16-bit grey is scaled to 8 bits.

    Returns:
        An upright image of mode RGB.

    Raises:
        InputError: The file is missing, no image, damaged, or larger than ``MAX_PIXELS``.
    """
    return _read(path, _decode)


def read_pixels(path: ImageContent, shorter: int) -> Pixels:
    """Decode an image file no larger than needed.

    Args:
        path: As for ``read_image``, and read alike.
        shorter: A JPEG is decoded at the smallest of 1, 1/2, 1/4 and 1/8 of its size whose shorter side
            has at least so many pixels; anything else at its full size.

    Raises:
        InputError: As for ``read_image``.
    """
    return _read(path, partial(_decode_pixels, shorter=shorter))


def read_grey(path: Path, width: int, height: int) -> npt.NDArray[np.float32]:
    """Decode an image as grey ``(height, width)`` in [0, 255], the whole image squeezed into it.

    Large JPEG files are decoded at a smaller scale.

    Raises:
        InputError: As in ``read_image``.
    """
    try:
        image = open_image(path.read_bytes())
        longer = 2 * max(width, height)  # the file may lie on its side
        image.draft("RGB", (longer, longer))
        image.load()
        upright = to_rgb(ImageOps.exif_transpose(image))
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read: {reason(error)}") from None
    return np.asarray(upright.convert("L").resize((width, height), Image.Resampling.BOX), np.float32)


def _read(path: ImageContent, decode: Callable[[bytes], T]) -> T:
    if isinstance(path, Path) and path.is_dir():
        raise InputError(f"{path} is a folder, expected an image file")
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path} does not exist, expected an image file") from None
    except UNREADABLE as error:
        raise InputError(f"{path} cannot be read: {reason(error)}") from None


# Damaged TIFF tags surface as OverflowError and TypeError, damaged EXIF ones as struct.error.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    OverflowError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
)


def open_image(content: bytes) -> Image.Image:
    """Read the header of an image file; the pixels follow with ``load``."""
    if not content:
        raise ValueError("the file is empty")
    image = Image.open(io.BytesIO(content))
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError(image.size)
    return image


def _decode(content: bytes) -> Image.Image:
    return _upright_rgb(open_image(content))


def _decode_pixels(content: bytes, shorter: int) -> Pixels:
    image = open_image(content)
    upright = image.getexif().get(ORIENTATION, 1) == 1
    if image.format == "JPEG" and image.mode in ("RGB", "L") and upright:
        scale = next((scale for scale in SCALES if min(image.size) >= scale * shorter), 1)
        # The same pixels as Pillow's, in two thirds of the time; Pillow says what is wrong where it fails.
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB | SCALES.get(scale, 0))
        if pixels is not None:
            return np.asarray(pixels, np.uint8)
    image.draft(None, (shorter, shorter))
    return np.array(_upright_rgb(image))


def _upright_rgb(image: Image.Image) -> Image.Image:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return to_rgb(image)


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a decoded image of any mode."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode == "F":
        raise ValueError("it holds 32-bit float pixels, expected 8 or 16 bits a channel")
    if image.mode.startswith("I"):
        grey = np.asarray(image).astype(np.float64) / 257
        return Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def reason(error: Exception) -> str:
    """Say in words why an image cannot be read."""
    if isinstance(error, UnidentifiedImageError):
        return "it is not an image in a known format"
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {MAX_PIXELS // 1_000_000} million pixels"
    # Python would add a number and, a second time, the path.
    return (isinstance(error, OSError) and error.strerror) or str(error)
