"""Image files and folders in a stable order."""

import os
from pathlib import Path

from lightning_skin.data.reading import IMAGE_SUFFIXES
from lightning_skin.errors import InputError


def list_images(folder: Path) -> list[Path]:
    """Image files anywhere below ``folder``, by suffix, hidden ones left out, sorted by name.

    Raises:
        InputError: A folder cannot be read.
    """
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = [name for name in files if not name.startswith(".")]
        found += [Path(parent, name) for name in names if Path(name).suffix.lower() in IMAGE_SUFFIXES]
    return sorted(found)


def visible_folders(folder: Path) -> list[Path]:
    """Folders directly below ``folder``, hidden ones left out, sorted by name.

    Raises:
        InputError: One is a link to ``folder`` or to a folder around it.
    """
    found = sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))
    )
    for path in found:
        if folder.resolve().is_relative_to(path.resolve()):
            raise InputError(f"{path} is a link to {path.resolve()}, which it lies in; remove the link")
    return found


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be read: {error.strerror}") from None
