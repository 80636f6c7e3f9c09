"""What mode=explain explains: images with names for their panels."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.listing import list_images
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import Checkpoint
from lightning_skin.modes.test_data import use_test_data

LONGEST_NAME = 120  # characters of a panel's name; file systems take 255 bytes


class Item(NamedTuple):
    """An image to explain: its file, a name for its panel, and its class where known."""

    path: Path
    name: str
    true: str | None


def items_of_path(path: Path, checkpoint: Checkpoint) -> list[Item]:
    """An image, or all images anywhere below a folder; the class is that of the folder that an image lies in.

    Raises:
        InputError: There is no image.
    """
    if not path.exists():
        raise InputError(f"images {path} does not exist, expected an image file or a folder of images")
    if not path.is_dir():
        (name,) = panel_names([path.name])
        return [Item(path, name, _class_of_folder(path, checkpoint))]
    found = list_images(path)
    if not found:
        raise InputError(f"{path} holds no images, expected an image file or a folder of images")
    names = panel_names([file.relative_to(path).as_posix() for file in found])
    return [
        Item(file, name, _class_of_folder(file, checkpoint)) for file, name in zip(found, names, strict=True)
    ]


def items_of_data(data: SkinLesionDataModule, checkpoint: Checkpoint) -> list[Item]:
    """The test images of ``data``, or of the checkpoint's run.

    Raises:
        InputError: They cannot be used.
    """
    use_test_data(data, checkpoint)
    rows = data.manifest.rows("test")
    names = panel_names(rows["path"].tolist())
    return [
        Item(data.manifest.root / path, name, label)
        for path, name, label in zip(rows["path"], names, rows["label"], strict=True)
    ]


def _class_of_folder(path: Path, checkpoint: Checkpoint) -> str | None:
    """Images lie in class folders as a rule; any other folder says nothing."""
    name = path.absolute().parent.name
    return name if name in checkpoint.facts.class_names else None


def panel_names(paths: Sequence[str]) -> list[str]:
    """Names without suffix that survive a command line, one for each image: with folders if need be."""
    files = [path.rpartition("/")[2] for path in paths]
    bare = files if len(set(files)) == len(files) else paths
    safe = [re.sub(r"[^A-Za-z0-9._-]", "_", path)[-LONGEST_NAME:] for path in bare]
    stems = [name.rpartition(".")[0] or name for name in safe]
    counts = Counter(stems)
    unique = [stem if counts[stem] == 1 else name for stem, name in zip(stems, safe, strict=True)]
    if len(set(unique)) == len(unique):
        return unique
    return [f"{row:05d}_{stem}" for row, stem in enumerate(stems)]


def spread(items: Sequence[Item], max_images: int | None) -> list[Item]:
    """The first images of every class in turn."""
    if max_images is None or max_images >= len(items):
        return list(items)
    classes = defaultdict(list)
    for item in items:
        classes[item.true].append(item)
    turns = [item for turn in zip_longest(*classes.values()) for item in turn if item is not None]
    return turns[:max_images]
