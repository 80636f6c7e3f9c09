"""MedMNIST files (Yang et al., Sci Data 10:41), such as ``dermamnist.npz`` and ``dermamnist_224.npz``.

The file holds ``{train,val,test}_images`` (N, H, W[, 3]) and ``{train,val,test}_labels`` (N, 1), integers. It
is unpacked once, so that whatever works on files works on these images too::

    root/
      dermamnist_<hash>/
        train/mel/000001.png   and so on: split, class, place in the file
"""

import hashlib
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from PIL import Image

from lightning_skin.data import malignant
from lightning_skin.atomic import atomic_folder
from lightning_skin.data.sources import Source, folder
from lightning_skin.data.split import SPLITS
from lightning_skin.errors import InputError
from lightning_skin.progress import track

DERMAMNIST = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
"""HAM10000's classes in the order of DermaMNIST's labels 0 to 6."""

UNREADABLE = (EOFError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


class _Array(NamedTuple):
    """An array in the file, of which only the header has been read."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype


def medmnist(root: str, file: str) -> Source:
    """Unpack a MedMNIST file of 2-D images with one class each, and read it in its official split.

    The split is the benchmark's own. DermaMNIST's divides lesions, which its files do not name: scores on
    it compare with published ones but are too high.

    Args:
        root: Folder to unpack into; one that is there already is read at once.
        file: The ``.npz``.

    Raises:
        InputError: The file is missing, damaged, or another kind of file or of data set.
    """
    path = Path(file).expanduser()
    collection = Path(root).expanduser() / f"{_safe(path.stem)}_{_content_hash(path)}"
    if not collection.is_dir():
        _unpack(path, collection)
    unpacked = folder(str(collection), None)
    known = malignant.HAM10000 if path.stem.startswith("dermamnist") else ()
    return unpacked._replace(table=unpacked.table.assign(source=path.stem), malignant=known)


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def _content_hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:12]
    except FileNotFoundError:
        raise InputError(
            f"{path} does not exist; set data.file=FILE to a MedMNIST file, such as the dermamnist.npz that "
            "the medmnist package keeps in ~/.medmnist"
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; set data.file=FILE to another") from None


def _unpack(path: Path, collection: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive, atomic_folder(collection, first_stays=True) as draft:
            headers = {split: _check_split(archive, split, path) for split in SPLITS}
            labels = {split: _read_labels(archive, split) for split in SPLITS}
            names = _class_names(path.stem, sorted(set().union(*labels.values())))
            for split, images in headers.items():
                _write_images(archive, images, [names[label] for label in labels[split]], draft / split)
    except UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())
        raise InputError(f"{path} cannot be read as a MedMNIST file: {reason}; download it anew") from None


def _check_split(archive: zipfile.ZipFile, split: str, path: Path) -> _Array:
    """Look at the headers, so that an unfit file is refused before anything is unpacked."""
    images, labels = (_header(archive, f"{split}_{kind}") for kind in ("images", "labels"))
    if len(labels.shape) == 2 and labels.shape[1] > 1:
        raise InputError(f"{path} gives {labels.shape[1]} labels to an image, expected one; take another set")
    if len(images.shape) not in (3, 4) or (len(images.shape) == 4 and images.shape[3] != 3):
        raise InputError(
            f"{path} holds images of shape {images.shape[1:]}, expected (H, W) or (H, W, 3); take a 2-D set"
        )
    if images.dtype != np.uint8 or labels.dtype.kind not in "ui" or labels.shape[0] != images.shape[0]:
        raise InputError(
            f"{path} has {images.name} {images.dtype} {images.shape} and {labels.name} {labels.dtype} "
            f"{labels.shape}, expected as many integers as images of uint8; download it anew"
        )
    return images


def _header(archive: zipfile.ZipFile, name: str) -> _Array:
    with archive.open(f"{name}.npy") as stream:
        return _Array(name, *_read_header(stream))


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read:
        raise ValueError(f"its arrays are in version {version} of numpy's format, expected 1.0 or 2.0")
    shape, by_column, dtype = read[version](stream)
    if by_column:
        raise ValueError("its arrays are stored by column")
    return shape, dtype


def _read_labels(archive: zipfile.ZipFile, split: str) -> list[int]:
    with archive.open(f"{split}_labels.npy") as stream:
        return np.lib.format.read_array(stream, allow_pickle=False).reshape(-1).tolist()


def _class_names(stem: str, labels: list[int]) -> dict[int, str]:
    if stem.startswith("dermamnist") and set(labels) <= set(range(len(DERMAMNIST))):
        return {label: DERMAMNIST[label] for label in labels}
    width = len(str(max(labels, default=0)))
    return {label: f"{label:0{width}d}" for label in labels}


def _write_images(archive: zipfile.ZipFile, images: _Array, classes: list[str], target: Path) -> None:
    for name in set(classes):
        (target / name).mkdir(parents=True)
    shape = images.shape[1:]
    size = int(np.prod(shape))
    # One image at a time: the largest file, PathMNIST at 224 px, is 16 GB of pixels.
    with archive.open(f"{images.name}.npy") as stream:
        _read_header(stream)
        numbered = enumerate(classes, start=1)
        for number, name in track(numbered, f"Unpacking {target.name} images", total=len(classes)):
            pixels = np.frombuffer(stream.read(size), np.uint8).reshape(shape)
            Image.fromarray(pixels).save(target / name / f"{number:06d}.png", compress_level=1)
