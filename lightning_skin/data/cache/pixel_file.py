"""Many images in one file, which processes share by mapping it into their memory.

The images' bytes come first, then the index (offset, height, width and checksum of each), then a trailer of
fixed size. A file that was cut off has no trailer, so that it is never taken for a whole one. The checksum is
compared when a process first reads an image; the disk has to bring its bytes then anyway.
"""

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from lightning_skin.data.cache.codec import Codec
from lightning_skin.data.resize import Pixels
from lightning_skin.errors import InputError

VERSION = 2
TRAILER = struct.Struct("<8sIQ32s")  # magic, version, number of images, SHA-256 of the index
MAGIC = b"lskinpix"
ROW = np.dtype([("start", "<i8"), ("end", "<i8"), ("height", "<i4"), ("width", "<i4"), ("checksum", "<u8")])


class DamagedFileError(Exception):
    """A file is no whole file of images; says why."""


class PixelFile:
    """Images by row, read from a file that ``write_pixels`` wrote.

    Each process maps the file when it first reads an image. Picklable.

    Args:
        path: Of the file.
        codec: How the images are stored.

    Raises:
        DamagedFileError: The file is cut off, of another version, or not of this kind.
        FileNotFoundError: There is no such file.
        InputError: An image that is read is not what was written.
    """

    def __init__(self, path: Path, codec: Codec) -> None:
        self.path = path
        self.codec = codec
        self.index = _read_index(path)
        self.checked = np.zeros(len(self.index), dtype=bool)
        self._stored: npt.NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, row: int) -> Pixels:
        if self._stored is None:
            # Copy-on-write, for torch warns of memory that it must not write to. Nothing is written.
            self._stored = np.asarray(np.memmap(self.path, np.uint8, mode="c"))
        start, end, height, width, checksum = self.index[row].item()
        stored = self._stored[start:end]
        if not self.checked[row]:
            if _checksum(stored) != checksum:
                raise InputError(
                    f"image {row} of the cache {self.path} is damaged; delete that file, which is built again"
                )
            self.checked[row] = True
        return self.codec.decode(stored, height, width)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_stored": None}


def write_pixels(file: BinaryIO, images: Iterable[tuple[bytes, int, int]]) -> None:
    """Write encoded images, each with its height and width in pixels."""
    rows, start = [], 0
    for stored, height, width in images:
        file.write(stored)
        checksum = _checksum(np.frombuffer(stored, np.uint8))
        rows.append((start, start + len(stored), height, width, checksum))
        start += len(stored)
    index = np.array(rows, ROW).tobytes()
    file.write(index)
    file.write(TRAILER.pack(MAGIC, VERSION, len(rows), hashlib.sha256(index).digest()))


def _checksum(stored: npt.NDArray[np.uint8]) -> int:
    """Sum of the bytes as 64-bit numbers, in a fifth of the time of CRC-32."""
    whole = len(stored) - len(stored) % 8
    rest = int.from_bytes(stored[whole:].tobytes(), "little")
    return (int(stored[:whole].view("<u8").sum(dtype=np.uint64)) + rest) % 2**64


def _read_index(path: Path) -> npt.NDArray[np.void]:
    size = path.stat().st_size
    if size < TRAILER.size:
        raise DamagedFileError(f"it has {size} bytes")
    with path.open("rb") as file:
        file.seek(size - TRAILER.size)
        magic, version, count, checksum = TRAILER.unpack(file.read(TRAILER.size))
        if magic != MAGIC:
            raise DamagedFileError("its end is missing")
        if version != VERSION:
            raise DamagedFileError(f"it is of version {version}, expected {VERSION}")
        end = size - TRAILER.size - count * ROW.itemsize
        file.seek(max(0, end))
        stored = file.read(count * ROW.itemsize)
    index = np.frombuffer(stored, ROW) if end >= 0 else np.empty(0, ROW)
    if hashlib.sha256(stored).digest() != checksum or (count and index["end"][-1] != end):
        raise DamagedFileError("its index is damaged")
    return index
