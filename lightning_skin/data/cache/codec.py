"""How a cache stores an image."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lightning_skin.data.resize import Pixels
from lightning_skin.errors import InputError

QUALITY = [
    cv2.IMWRITE_JPEG_QUALITY,
    95,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
]


class Codec(NamedTuple):
    """A way to store an image.

    Attributes:
        name: Part of the cache's identity.
        encode: From RGB ``(H, W, 3)`` to bytes.
        decode: From bytes, height and width to RGB.
    """

    name: str
    encode: Callable[[Pixels], bytes]
    decode: Callable[[npt.NDArray[np.uint8], int, int], Pixels]


def _to_bytes(pixels: Pixels) -> bytes:
    return pixels.tobytes()


def _from_bytes(stored: npt.NDArray[np.uint8], height: int, width: int) -> Pixels:
    return stored.reshape(height, width, 3)


def _to_jpeg(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels[..., ::-1], QUALITY)[1].tobytes()


def _from_jpeg(stored: npt.NDArray[np.uint8], _height: int, _width: int) -> Pixels:
    pixels = cv2.imdecode(stored, cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise InputError("the cache of decoded images is damaged; delete the files in data.cache_dir")
    return np.asarray(pixels, np.uint8)


RAW = Codec("raw", _to_bytes, _from_bytes)
"""The pixels as they are: fastest, and lossless."""

JPEG = Codec("jpeg-95-444", _to_jpeg, _from_jpeg)
"""A ninth of the space at two thirds of the speed; a pixel is 1.1 of 255 levels off on average."""
