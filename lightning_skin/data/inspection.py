"""What one look at each image file tells, remembered between runs."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, ImageOps

from lightning_skin.data.reading import ORIENTATION, UNREADABLE, open_image, reason, to_rgb
from lightning_skin.data.record_file import Records, complete_records
from lightning_skin.data.threads import map_in_threads

SIDE = 32
"""Of the thumbnails, in pixels."""

ON_THE_SIDE = (5, 6, 7, 8)  # values of the EXIF orientation that swap width and height

VERSION = 1
RECORD = np.dtype(
    [
        ("key", "V16"),  # of path, size and time of the last change
        ("width", "<u4"),
        ("height", "<u4"),
        ("content", "V32"),  # SHA-256
        ("colour", "<f4", 3),
        ("thumbnail", "u1", (SIDE, SIDE)),
    ]
)


class Facts(NamedTuple):
    """What is known of N image files.

    Attributes:
        table: Columns ``width`` and ``height`` (upright, in pixels; 0 where unreadable), ``content_hash``
            (SHA-256 of the bytes, hexadecimal; empty where unreadable), ``red``, ``green``, ``blue``
            (means in [0, 255]) and ``error`` (why the file cannot be used; empty where it can).
        thumbnails: Grey, the whole image squeezed to a square ``(N, 32, 32)``, uint8.
    """

    table: pd.DataFrame
    thumbnails: npt.NDArray[np.uint8]

    def take(self, rows: npt.NDArray[np.bool_]) -> "Facts":
        """Those of some of the files."""
        return Facts(self.table[rows].reset_index(drop=True), self.thumbnails[rows])


def inspect_images(root: Path, paths: Sequence[str], cache_dir: Path | None) -> Facts:
    """Decode every file once, in parallel, so that a damaged one is known before training starts.

    Files that an earlier call with the same ``cache_dir`` has seen, and that have kept size and time of the
    last change, are not opened again. An interrupted call goes on where it stopped. Broken files are looked
    at each time.

    Args:
        root: Folder that the paths are relative to.
        paths: Of the N images.
        cache_dir: Where to remember; ``None`` does not.
    """
    errors = [""] * len(paths)

    def find(missing: Sequence[int]) -> Iterator[Records | None]:
        found = map_in_threads(lambda row: _inspect(root / paths[row]), missing, "Checking images")
        for row, (record, errors[row]) in zip(missing, found, strict=True):
            yield None if errors[row] else record

    file = (
        None
        if cache_dir is None
        else cache_dir / f"images_{digest(str(root.resolve())).hex()}_v{VERSION}.bin"
    )
    keys = [_key(root, path) for path in paths]
    return _facts(complete_records(file, RECORD, keys, find), errors)


def digest(text: str) -> bytes:
    """A short hash, 16 bytes."""
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=16).digest()


def _inspect(path: Path) -> tuple[Records, str]:
    record = np.zeros((), RECORD)
    try:
        content = path.read_bytes()
        record["content"] = np.void(hashlib.sha256(content).digest())
        image = open_image(content)
        width, height = image.size
        # Scaled decoding still walks the whole JPEG stream, so that truncation shows, at a third of the cost.
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        image.load()
        if image.getexif().get(ORIENTATION, 1) in ON_THE_SIDE:
            width, height = height, width
        rgb = to_rgb(ImageOps.exif_transpose(image))
    except UNREADABLE as error:
        return record, reason(error)
    small = rgb.resize((SIDE, SIDE), Image.Resampling.BOX)
    record["width"], record["height"] = width, height
    record["colour"] = np.asarray(small, np.float32).mean((0, 1))
    record["thumbnail"] = np.asarray(small.convert("L"))
    return record, ""


def _facts(records: Records, errors: Sequence[str]) -> Facts:
    hashes = [
        "" if error else content.tobytes().hex()
        for content, error in zip(records["content"], errors, strict=True)
    ]
    sizes = {"width": records["width"].astype(int), "height": records["height"].astype(int)}
    colours = dict(zip(("red", "green", "blue"), records["colour"].T.astype(float), strict=True))
    table = pd.DataFrame({**sizes, "content_hash": hashes, **colours, "error": list(errors)})
    return Facts(table, np.ascontiguousarray(records["thumbnail"]))


def _key(root: Path, path: str) -> bytes:
    try:
        status = (root / path).stat()
    except OSError:  # reported by the look at the file
        return b""
    return digest(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
