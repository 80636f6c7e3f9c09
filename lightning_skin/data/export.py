"""A manifest as folders, for tools that want them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from rich.progress import track

from lightning_skin.atomic import atomic_folder
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError


def export_folders(manifest: Manifest, folder: Path, how: Literal["link", "copy"]) -> None:
    """Write ``folder/{train,val,test}/<class>/<image>``, complete or not at all.

    Images of one name in different folders get their folders' names in front.

    Args:
        manifest: Images and their split.
        folder: Does not exist yet.
        how: ``link`` makes symbolic links, ``copy`` copies.

    Raises:
        InputError: ``folder`` exists, or a class name cannot be a folder's.
    """
    if folder.exists():
        raise InputError(f"{folder} exists; name a new folder with data.export_dir=FOLDER")
    table = manifest.table
    if odd := [label for label in manifest.class_names if "/" in label or label.startswith(".")]:
        raise InputError(
            f"class {odd[0]} cannot name a folder; rename it with data.labels={{'{odd[0]}': NAME}}"
        )
    with atomic_folder(folder) as draft:
        names = _file_names(table["path"].tolist())
        rows = list(zip(table["path"], table["split"], table["label"], names, strict=True))
        for path, split, label, name in track(rows, "Exporting", transient=True):
            target = draft / split / label / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = (manifest.root / path).absolute()
            if how == "link":
                target.symlink_to(source)
            else:
                shutil.copy2(source, target)


def _file_names(paths: Sequence[str]) -> list[str]:
    files = [path.rpartition("/")[2] for path in paths]
    return files if len(set(files)) == len(files) else [path.replace("/", "_") for path in paths]
