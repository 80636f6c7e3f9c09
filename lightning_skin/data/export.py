"""A manifest as folders, for tools that want them."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from lightning_skin.atomic import atomic_folder
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError
from lightning_skin.progress import track


def require_new(folder: Path) -> None:
    """Refuse a folder to export to that exists, since its files would mix with the exported ones.

    Raises:
        InputError: It exists.
    """
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{folder} exists; name a new folder with data.export_dir=FOLDER")


def require_folder_names(class_names: Iterable[str]) -> None:
    """Refuse classes that cannot name a folder.

    Raises:
        InputError: One holds a slash or begins with a dot.
    """
    if odd := [name for name in class_names if "/" in name or "\\" in name or name.startswith(".")]:
        raise InputError(
            f"class {odd[0]} cannot name a folder; rename it with data.labels={{'{odd[0]}': NAME}}"
        )


def export_folders(manifest: Manifest, folder: Path, how: Literal["link", "copy"]) -> None:
    """Write ``folder/{train,val,test}/<class>/<image>``, complete or not at all.

    Where images of one name would meet in a folder, all get the names of their own folders in front.

    Args:
        manifest: Images and their split.
        folder: Does not exist yet.
        how: ``link`` makes symbolic links, ``copy`` copies.

    Raises:
        InputError: ``folder`` exists, or does so at the end, or a class name cannot be a folder's.
    """
    require_new(folder)
    require_folder_names(manifest.class_names)
    places = _places(manifest)
    try:
        with atomic_folder(folder) as draft:
            rows = list(zip(manifest.table["path"], places, strict=True))
            for path, place in track(rows, "Exporting"):
                source, target = (manifest.root / path).absolute(), draft / place
                target.parent.mkdir(parents=True, exist_ok=True)
                if how == "link":
                    target.symlink_to(source)
                else:
                    shutil.copy2(source, target)
    except FileExistsError:
        raise InputError(
            f"{folder} was made by another program during the export, and is left as it is; "
            "name a new folder with data.export_dir=FOLDER"
        ) from None


def _places(manifest: Manifest) -> list[str]:
    """Where each image goes, no two alike, not even where capitals do not count."""
    columns = manifest.table[["path", "split", "label"]]
    rows = [(path, f"{split}/{label}") for path, split, label in columns.itertuples(index=False)]
    places = [f"{folder}/{path.rpartition('/')[2]}" for path, folder in rows]
    if len({place.lower() for place in places}) < len(places):
        places = [f"{folder}/{path.replace('/', '_')}" for path, folder in rows]
    taken: set[str] = set()
    for row, place in enumerate(places):
        folder, _, name = place.rpartition("/")
        number = 1
        while places[row].lower() in taken:
            number += 1
            places[row] = f"{folder}/{number}_{name}"
        taken.add(places[row].lower())
    return places
