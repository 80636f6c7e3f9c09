"""Folder layouts as one kind of table: an image a row, with what the layout says of it."""

import logging
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lightning_skin.data.listing import list_images, visible_folders
from lightning_skin.data.metadata import attach_metadata, find_metadata, read_metadata
from lightning_skin.data.synthetic.generate import synthesise
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

SPLIT_FOLDERS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}

NOT_CLASSES = frozenset({"image", "images", "mask", "masks"})


class Source(NamedTuple):
    """Images as a layout presents them.

    Attributes:
        root: Folder that the paths are relative to.
        table: Columns ``path``, ``label``, ``split`` and ``group``, the last two empty where the layout does
            not say; then whatever else is known: ``mask``, ``age``, ``sex``, ``localization``.
    """

    root: Path
    table: pd.DataFrame


def folder(root: str, metadata: str | None) -> Source:
    """Read ``root/<class>/*``, ``root/{train,val,test}/<class>/*``, or a flat folder with a metadata table.

    Args:
        root: Relative to the working directory, or absolute.
        metadata: Table with ``image_id`` (file name without suffix) and ``lesion_id`` or ``dx``; ``None``
            takes a ``*metadata*.csv`` in ``root`` if there is one.

    Raises:
        InputError: The layout is none of these; the message says what was found.
    """
    top = existing_folder(root)
    folders = visible_folders(top)
    table_file = Path(metadata) if metadata is not None else find_metadata(top)
    splits = [path.name for path in folders if path.name.lower() in SPLIT_FOLDERS]
    if splits and len(splits) == len(folders):
        table = _split_folders(top, folders)
    elif splits:
        others = ", ".join(path.name for path in folders if path.name not in splits)
        raise InputError(
            f"{top} holds the split folder(s) {', '.join(splits)} beside {others}; keep one kind of folders"
        )
    elif folders:
        table = _class_folders(top, folders)
    elif table_file is not None:
        table = _flat_folder(top)
    else:
        raise InputError(
            f"{top} holds no class folders, expected one folder of images per class "
            "(or flat images with data.metadata=TABLE)"
        )
    if table_file is not None:
        table = attach_metadata(table, read_metadata(table_file), table_file)
        logger.info("Groups come from %s", table_file)
        return Source(top, table)
    return Source(top, table.assign(group=""))


def ham10000(root: str) -> Source:
    """Read HAM10000: images anywhere below ``root``, found by the ``image_id`` of the metadata table.

    Masks named ``<image_id>_segmentation.png`` are taken along where they exist.

    Raises:
        InputError: There is no metadata table, or no image that it names.
    """
    top = existing_folder(root)
    table_file = find_metadata(top)
    if table_file is None:
        raise InputError(f"{top} holds no metadata table, expected HAM10000_metadata.csv in it")
    metadata = read_metadata(table_file)
    files = list_images(top)
    masks = {
        path.stem.removesuffix("_segmentation"): path for path in files if path.stem.endswith("_segmentation")
    }
    images = [path for path in files if path.stem in metadata.index]
    if not images:
        raise InputError(f"{top} holds none of the {len(metadata)} images that {table_file.name} names")
    if missing := len(metadata) - len({path.stem for path in images}):
        logger.warning("%d of the %d images that %s names are missing", missing, len(metadata), table_file)
    table = pd.DataFrame({"path": [_relative(path, top) for path in images], "label": "", "split": ""})
    table["mask"] = [_relative(masks[path.stem], top) if path.stem in masks else "" for path in images]
    return Source(top, attach_metadata(table, metadata, table_file))


def synthetic(root: str, lesions: int, size: int, seed: int) -> Source:
    """Draw synthetic lesions below ``root`` unless they are there already, and read them."""
    return ham10000(str(synthesise(Path(root), lesions=lesions, size=size, seed=seed)))


def existing_folder(root: str) -> Path:
    """The folder that ``data.root`` means, absolute.

    Raises:
        InputError: It does not exist, is no folder, or is empty.
    """
    top = Path(root).expanduser()
    if not top.is_dir():
        found = "is not a folder" if top.exists() else "does not exist"
        raise InputError(f"{top} {found}; set data.root=FOLDER to the folder that holds the images")
    if not any(top.iterdir()):
        raise InputError(f"{top} is empty; set data.root=FOLDER to the folder that holds the images")
    return top.resolve()


def _class_folders(top: Path, folders: list[Path], split: str = "") -> pd.DataFrame:
    if not_classes := [path for path in folders if path.name.lower() in NOT_CLASSES]:
        raise InputError(
            f"{top} holds the folder {not_classes[0].name}, which is no class; name the folder of the "
            f"class folders, such as data.root={top / 'images'}, or use data=ham10000"
        )
    rows = []
    for class_folder in folders:
        images = list_images(class_folder)
        if not images:
            raise InputError(f"class folder {class_folder} holds no images; fill it or remove it")
        rows += [(_relative(path, top), class_folder.name, split) for path in images]
    if len(folders) < 2:
        raise InputError(
            f"{folders[0].parent} holds the single class folder {folders[0].name}, expected at least two; "
            f"do the class folders lie in {folders[0]}?"
        )
    return pd.DataFrame(rows, columns=["path", "label", "split"])


def _flat_folder(top: Path) -> pd.DataFrame:
    images = list_images(top)
    if not images:
        raise InputError(f"{top} holds no images; set data.root=FOLDER to the folder that holds the images")
    return pd.DataFrame({"path": [_relative(path, top) for path in images], "label": "", "split": ""})


def _split_folders(top: Path, folders: list[Path]) -> pd.DataFrame:
    parts = []
    for split_folder in folders:
        classes = visible_folders(split_folder)
        if not classes:
            raise InputError(
                f"{split_folder} holds no class folders, expected one folder of images per class"
            )
        parts.append(_class_folders(top, classes, SPLIT_FOLDERS[split_folder.name.lower()]))
    return pd.concat(parts, ignore_index=True)


def _relative(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix()
