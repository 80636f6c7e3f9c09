"""Folders that a run writes to, beside its own."""

from pathlib import Path

from lightning_skin.errors import InputError


def require_folder(folder: Path, key: str) -> None:
    """Refuse a folder that cannot be made, before anything is read or written.

    Args:
        folder: May not exist yet.
        key: The setting that names it, for the message.

    Raises:
        InputError: It is a file, or lies in one.
    """
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if there.exists() and not there.is_dir():
        found = "is a file" if there == folder else f"lies in {there}, which is a file"
        raise InputError(f"{key}={folder} {found}, expected a folder; name another one")


def require_outside(folder: Path, root: Path, key: str) -> None:
    """Make sure that what is written is not taken for images of the data set later.

    Args:
        folder: May not exist yet.
        root: Of the images.
        key: The setting that names ``folder``, for the message.

    Raises:
        InputError: ``folder`` lies in ``root``.
    """
    if folder.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{key}={folder} lies in the images' own folder {root}; name a folder outside of it")
