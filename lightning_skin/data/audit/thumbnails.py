"""Small pictures of image files."""

import io
from pathlib import Path

from PIL import Image

from lightning_skin.data.reading import read_pixels

LONGER_SIDE = 200  # pixels: sharp at the 160 px that a page shows, about 7 kB
QUALITY = 75


def thumbnail(path: Path, longer_side: int = LONGER_SIDE) -> bytes:
    """Make a JPEG of few pixels, upright, without the file's metadata.

    Args:
        path: Image file.
        longer_side: Pixels that no side exceeds.

    Raises:
        InputError: The file cannot be read as an image.
    """
    # From pixels alone: comments of medical images have held names of patients.
    image = Image.fromarray(read_pixels(path, longer_side))
    image.thumbnail((longer_side, longer_side), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=QUALITY, optimize=True)
    return content.getvalue()
