"""Decoded images, kept on disk: built once, shared by all runs on the same images.

A cache is named by all that decides its pixels, so that it can be stale but never wrong.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from lightning_skin.atomic import atomic_path
from lightning_skin.data.builder_lock import only_builder
from lightning_skin.data.cache.codec import Codec
from lightning_skin.data.cache.pixel_file import VERSION, DamagedFileError, PixelFile, write_pixels
from lightning_skin.data.dataset import Images
from lightning_skin.errors import InputError
from lightning_skin.progress import track

logger = logging.getLogger(__name__)

CHUNK = 256  # images that are encoded ahead of the disk
DECODERS = ("opencv-python-headless", "pillow", "torch")  # another release may round another way
SUFFIX = ".pixels"
REMEDY = (
    "make room, name another folder with data.cache_dir=FOLDER, or do without, data.cache=none; "
    "the files of older caches can be deleted"
)


class Content(NamedTuple):
    """What a cache holds.

    Attributes:
        images: Its images.
        content_hashes: Of the files that they come from.
        decoding: How they come from them, with all settings.
    """

    images: Images
    content_hashes: Sequence[str]
    decoding: str


def cached(content: Content, codec: Codec, folder: Path) -> PixelFile:
    """Open the cache of some images, and build it first where there is none.

    Processes that want the same cache at once wait for the one that builds it.

    Args:
        content: What the cache holds.
        codec: How.
        folder: Of all caches.

    Raises:
        InputError: The cache cannot be written, or an image cannot be read.
    """
    path = folder / f"{_fingerprint(content, codec)}{SUFFIX}"
    try:
        with suppress(FileNotFoundError, DamagedFileError):
            return PixelFile(path, codec)
        with only_builder(folder, "a cache"):
            return _built(path, content, codec)
    except OSError as error:
        raise InputError(
            f"the cache of decoded images in {folder} cannot be written: {error.strerror or error}; {REMEDY}"
        ) from None


def _fingerprint(content: Content, codec: Codec) -> str:
    releases = [f"{name} {version(name)}" for name in DECODERS]
    parts = [str(VERSION), codec.name, content.decoding, *releases, *content.content_hashes]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _built(path: Path, content: Content, codec: Codec) -> PixelFile:
    try:
        return PixelFile(path, codec)  # by the process that was waited for
    except FileNotFoundError:
        pass
    except DamagedFileError as error:
        logger.warning("The cache %s is built anew: %s", path, error)
    # A builder that was killed left its file behind; no other builds now.
    for left in path.parent.glob(f".*{SUFFIX}.*"):
        left.unlink()
    with atomic_path(path) as partial, partial.open("wb") as file:
        write_pixels(file, _encoded(content.images, codec, path.parent))
    return PixelFile(path, codec)


def _encoded(images: Images, codec: Codec, folder: Path) -> Iterator[tuple[bytes, int, int]]:
    def encode(row: int) -> tuple[bytes, int, int]:
        pixels = images[row]
        return codec.encode(pixels), *pixels.shape[:2]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in track(range(0, len(images), CHUNK), "Decoding images"):
            chunk = range(start, min(start + CHUNK, len(images)))
            entries = list(pool.map(encode, chunk))
            if start == 0:
                _check_room(sum(len(stored) for stored, *_ in entries) / len(chunk) * len(images), folder)
            yield from entries


def _check_room(size: float, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise InputError(
            f"the cache of decoded images needs {size / 1e9:.1f} GB in {folder}, which has "
            f"{free / 1e9:.1f} GB left; {REMEDY}"
        )
    logger.info("Decoding images once, into %s: %.1f GB", folder, size / 1e9)
