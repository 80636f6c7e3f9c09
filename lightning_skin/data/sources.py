"""Folder layouts as one kind of table: an image a row, with what the layout says of it.

Class folders, of which images may lie at any depth, or split folders (``val`` may also be called ``valid`` or
``validation``, and may be missing)::

    root/                root/
      mel/a.jpg            train/mel/a.jpg
      nv/b.jpg             train/nv/b.jpg
                           val/...
                           test/...

A metadata table (``image_id,lesion_id[,patient_id,dx,age,sex,localization]``) in ``root`` or named by
``data.metadata`` says which lesion or patient an image shows; with ``dx`` in it, no class folders are needed.
"""

import logging
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.data.listing import contents, image_paths, visible_folders
from lightning_skin.data.metadata import attach_metadata, find_metadata, read_metadata
from lightning_skin.data.spelling import one_spelling
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

SPLIT_FOLDERS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}

NOT_CLASSES = frozenset({"image", "images", "mask", "masks"})


class Source(NamedTuple):
    """Images as a layout presents them.

    Attributes:
        root: Folder that the paths are relative to.
        table: Columns ``path``, ``label``, ``split`` and ``group``, the last two empty where the layout does
            not say; then whatever else is known: ``lesion`` and ``patient`` where both are (``group`` is
            then the patient), ``mask``, ``age``, ``sex``, ``site``, ``licence``, ``source`` (the collection
            that an image comes from).
        inspected: Whether the table holds ``content_hash``, ``width`` and ``height`` too, of an audit that
            need not be repeated; the files may then be elsewhere.
        malignant: Labels of malignant lesions, where the data set is known; not all need have images.
    """

    root: Path
    table: pd.DataFrame
    inspected: bool = False
    malignant: tuple[str, ...] = ()


def folder(root: str, metadata: str | None) -> Source:
    """Read ``root/<class>/*``, ``root/{train,val,test}/<class>/*``, or a flat folder with a metadata table.

    Args:
        root: Relative to the working directory, or absolute.
        metadata: Table with ``image_id`` (file name without suffix) and ``lesion_id``, ``patient_id`` or
            ``dx``; ``None`` takes a ``*metadata*.csv`` in ``root`` if there is one.

    Raises:
        InputError: The layout is none of these; the message says what was found.
    """
    top = existing_folder(root)
    folders = visible_folders(top)
    table_file = Path(metadata).expanduser() if metadata is not None else find_metadata(top)
    splits = [path.name for path in folders if path.name.lower() in SPLIT_FOLDERS]
    if splits and len(splits) == len(folders):
        table = _split_folders(top, folders)
    elif splits:
        others = first_few(path.name for path in folders if path.name not in splits)
        raise InputError(
            f"{top} holds the split folder(s) {', '.join(splits)} beside {others}; keep one kind of folders"
        )
    elif folders:
        table = _class_folders(top, folders)
    elif table_file is not None:
        table = _flat_folder(top)
    else:
        raise InputError(
            f"{top} holds no class folders but {contents(top)}, expected one folder of images per class "
            "(or flat images with data.metadata=TABLE)"
        )
    if table_file is not None:
        table = attach_metadata(table, read_metadata(table_file), table_file)
        logger.info("Groups come from %s", table_file)
    else:
        table["group"] = ""
    table["label"] = one_spelling(table["label"], top)
    return Source(top, table)


def existing_folder(root: str) -> Path:
    """The folder that ``data.root`` means, absolute.

    Raises:
        InputError: It does not exist, is no folder, cannot be read, or is empty.
    """
    top = Path(root).expanduser()
    remedy = "set data.root=FOLDER to the folder that holds the images"
    try:
        if not top.is_dir():
            found = "is not a folder" if top.exists() else "does not exist"
            raise InputError(f"{top} {found}; {remedy}")
        if not any(top.iterdir()):
            raise InputError(f"{top} is empty; {remedy}")
    except OSError as error:
        raise InputError(
            f"{top} cannot be read: {error.strerror}; mend its permissions, or {remedy}"
        ) from None
    return top.resolve()


def _class_folders(top: Path, folders: list[Path], split: str = "") -> pd.DataFrame:
    if not_classes := [path for path in folders if path.name.lower() in NOT_CLASSES]:
        raise InputError(
            f"{top} holds the folder {not_classes[0].name}, which is no class, among {contents(top)}; name "
            "the folder of the class folders with data.root=FOLDER, or use data=ham10000 where a metadata "
            "table says the class of each image"
        )
    parts = []
    for class_folder in folders:
        images = image_paths(class_folder)
        if not images:
            raise InputError(f"class folder {class_folder} holds no images; fill it or remove it")
        prefix = class_folder.relative_to(top).as_posix()
        paths = [f"{prefix}/{path}" for path in images]
        parts.append(pd.DataFrame({"path": paths, "label": class_folder.name, "split": split}))
    if len(folders) < 2:
        (only,) = folders
        inner = first_few(path.name for path in visible_folders(only))
        remedy = (
            f"it holds {inner}: if these are the classes, set data.root={only}" if inner else "add another"
        )
        raise InputError(
            f"{only.parent} holds the single class folder {only.name}, expected at least two; {remedy}"
        )
    return pd.concat(parts, ignore_index=True)


def _flat_folder(top: Path) -> pd.DataFrame:
    images = image_paths(top)
    if not images:
        raise InputError(
            f"{top} holds no images but {contents(top)}; set data.root=FOLDER to the folder of the images"
        )
    return pd.DataFrame({"path": images, "label": "", "split": ""})


def _split_folders(top: Path, folders: list[Path]) -> pd.DataFrame:
    parts = []
    for split_folder in folders:
        classes = visible_folders(split_folder)
        if not classes:
            raise InputError(
                f"{split_folder} holds no class folders but {contents(split_folder)}, "
                "expected one folder of images per class"
            )
        parts.append(_class_folders(top, classes, SPLIT_FOLDERS[split_folder.name.lower()]))
    return pd.concat(parts, ignore_index=True)
