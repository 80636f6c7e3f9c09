"""Images of a split in a few large files, written once from a manifest in LitData's format.

``FOLDER/train-<hash>/``, ``FOLDER/val-<hash>/`` and ``FOLDER/test-<hash>/`` hold ``chunk-*.bin`` and
``index.json``. The hash is that of the images' contents in the order in which they are stored: other images
or another split are another set, new names for labels are not. An item is a position in that order and the
bytes of the image file.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lightning_skin.atomic import atomic_folder
from lightning_skin.data.builder_lock import only_builder
from lightning_skin.data.folders import require_outside
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source
from lightning_skin.data.split import SPLITS
from lightning_skin.data.stream.engine import load_engine
from lightning_skin.errors import InputError
from lightning_skin.progress import track

logger = logging.getLogger(__name__)

VERSION = 1
SHARD_BYTES = 64_000_000  # large enough for an object store to be read at full speed
FEWEST_SHARDS = 16  # workers share them out, and their order is what an epoch shuffles first
READ_AHEAD = 64  # images that are read ahead of the disk


class Shards(NamedTuple):
    """The stored images of a split.

    Attributes:
        address: Folder, or address in an object store.
        rows: Of the split's table, by position.
    """

    address: str
    rows: npt.NDArray[np.int64]


def is_remote(store: str) -> bool:
    """Whether a store is an address such as ``s3://bucket/folder``, and not a folder."""
    return "://" in store


def require_local(store: str) -> None:
    """Make sure that shards can be written to a store.

    Raises:
        InputError: It is an address.
    """
    if is_remote(store):
        raise InputError(f"data.stream={store} is no folder; write the shards to one and copy them there")


def away_from(store: str, source: Callable[[], Source]) -> Source:
    """List the images of a source whose folder does not hold the store.

    Raises:
        InputError: It does, so that shards would lie among class folders.
    """
    listed = source()
    if not is_remote(store):
        require_outside(Path(store).expanduser(), listed.root, "data.stream")
    return listed


def write_shards(folder: str, manifest: Manifest) -> None:
    """Write what a folder lacks of the shards of all splits.

    Raises:
        InputError: They are damaged, or cannot be written.
    """
    for split in SPLITS:
        if not manifest.rows(split).empty:
            find_shards(folder, manifest, split)


def find_shards(store: str, manifest: Manifest, split: str) -> Shards:
    """Find the shards of a split, and write them first where a folder lacks them.

    Processes that want the same shards at once wait for the one that writes them.

    Args:
        store: Folder or address of all sets. To an address nothing is written.
        manifest: Names the images.
        split: Not empty.

    Raises:
        InputError: The shards are damaged, or cannot be written.
    """
    table = manifest.rows(split)
    hashes = table["content_hash"].to_numpy(str)
    # Shards are shuffled, and images within them, never across: each has to be a fair sample of the split.
    # Sorted by content, they are. What is evaluated is read in the order of the table.
    rows = np.argsort(hashes, kind="stable") if split == "train" else np.arange(len(hashes))
    stored = hashes[rows].tolist()
    fingerprint = hashlib.sha256("\n".join([str(VERSION), *stored]).encode()).hexdigest()[:32]
    name = f"{split}-{fingerprint}"
    if is_remote(store):
        return Shards(f"{store.rstrip('/')}/{name}", rows)
    folder = Path(store).expanduser()
    if not (folder / name).is_dir():
        files = [manifest.root / path for path in table["path"].iloc[rows]]
        _write_once(folder / name, files, stored)
    _check(folder / name, len(rows))
    return Shards(str(folder / name), rows)


def _write_once(target: Path, files: Sequence[Path], hashes: Sequence[str]) -> None:
    if not files[0].exists():
        raise InputError(
            f"{target.parent} holds no {target.name}, and the images to write it from are gone: {files[0]} "
            "does not exist; name their folder, or a data.stream that was written from the same manifest"
        )
    try:
        with only_builder(target.parent, "shards"):
            # A writer that was killed left its folder behind; no other writes now.
            for left in target.parent.glob(f".{target.name}.*"):
                shutil.rmtree(left)
            if not target.is_dir():  # by the process that was waited for
                _write(target, files, hashes)
    except OSError as error:
        raise InputError(
            f"the shards of data.stream={target.parent} cannot be written: {error.strerror or error}; "
            "make room, or name another folder"
        ) from None


def _write(target: Path, files: Sequence[Path], hashes: Sequence[str]) -> None:
    size = sum(path.stat().st_size for path in files)
    free = shutil.disk_usage(target.parent).free
    if size > free:
        raise InputError(
            f"the shards need {size / 1e9:.1f} GB in {target.parent}, which has {free / 1e9:.1f} GB left; "
            "make room, or name another folder with data.stream=FOLDER"
        )
    logger.info("Writing %d images into %s once: %.1f GB", len(files), target, size / 1e9)
    images = min(len(files) // FEWEST_SHARDS, len(files) * SHARD_BYTES // max(1, size))
    engine = load_engine()
    with atomic_folder(target, first_stays=True) as partial:
        # Not engine.optimize: it starts a Python for each worker, and copying bytes keeps none of them busy.
        writer = engine.streaming.Cache(str(partial), chunk_size=max(1, images))
        for position, content in enumerate(_contents(files, hashes)):
            writer[position] = (position, content)
        writer.done()
        # Not writer.merge, which waits for the shards of all other processes of a distributed run.
        engine.complete_dataset(str(partial))


def _contents(files: Sequence[Path], hashes: Sequence[str]) -> Iterator[bytes]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in track(range(0, len(files), READ_AHEAD), "Writing shards"):
            part = slice(start, start + READ_AHEAD)
            yield from pool.map(_content, files[part], hashes[part])


def _content(path: Path, expected: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise InputError(
            f"{path} is not what it was when the manifest was made; put the image back, or make a new "
            "manifest, data=folder data.root=FOLDER"
        )
    return content


def _check(folder: Path, count: int) -> None:
    """Compare sizes, so that a copy that was cut short is known before training starts."""
    try:
        chunks = json.loads((folder / "index.json").read_text(encoding="utf-8"))["chunks"]
        expected = {str(chunk["filename"]): int(chunk["chunk_bytes"]) for chunk in chunks}
        images = sum(int(chunk["chunk_size"]) for chunk in chunks)
    except (OSError, ValueError, KeyError, TypeError):
        raise _damaged(folder, "its index.json cannot be read") from None
    for name, size in expected.items():
        file = folder / name
        found = file.stat().st_size if file.is_file() else 0
        if found != size:
            raise _damaged(folder, f"its {name} has {found} bytes, expected {size}")
    if images != count:
        raise _damaged(folder, f"it holds {images} images, expected {count}")


def _damaged(folder: Path, why: str) -> InputError:
    return InputError(
        f"the shards in {folder} are damaged: {why}; delete that folder, and it is written again from the "
        "images, or copy it again"
    )
