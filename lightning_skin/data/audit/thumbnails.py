"""Small pictures of image files."""

import io
from pathlib import Path

from PIL import Image

from lightning_skin.data.reading import read_pixels

LONGER_SIDE = 200  # pixels: sharp at the 160 px that a page shows, about 7 kB
QUALITY = 75


def thumbnail(path: Path) -> bytes:
    """Make a JPEG of at most 200 pixels a side, upright, without the file's metadata.

    Raises:
        InputError: The file cannot be read as an image.
    """
    # From pixels alone: comments of medical images have held names of patients.
    image = Image.fromarray(read_pixels(path, LONGER_SIDE))
    image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=QUALITY, optimize=True)
    return content.getvalue()
