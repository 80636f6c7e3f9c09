"""Image files and folders in a stable order."""

import os
from pathlib import Path

from lightning_skin.data.examples import first_few
from lightning_skin.data.reading import IMAGE_SUFFIXES
from lightning_skin.errors import InputError

SUFFIXES = tuple(IMAGE_SUFFIXES)


def list_images(folder: Path) -> list[Path]:
    """Image files anywhere below ``folder``, as ``image_paths`` finds them."""
    return [folder / path for path in image_paths(folder)]


def image_paths(folder: Path) -> list[str]:
    """Image files anywhere below ``folder``, by suffix, hidden ones left out, links followed.

    Returns:
        Paths relative to ``folder`` with forward slashes, sorted. Plain text, since a hundred thousand
        ``Path`` objects take longer to make and to sort than the folders take to list.

    Raises:
        InputError: A folder cannot be read or is a link to one that it lies in, or a name is no UTF-8.
    """
    found: list[str] = []
    _collect(os.fspath(folder), "", frozenset(), found)
    try:
        "".join(found).encode()
    except UnicodeEncodeError:
        odd = [ascii(path) for path in found if "\\udc" in ascii(path)]
        raise InputError(
            f"{folder} holds {len(odd)} file name(s) that are not UTF-8: {first_few(odd)}; rename them"
        ) from None
    return sorted(found)


def other_files(folder: Path) -> list[str]:
    """Files anywhere below ``folder`` that are no images by suffix, hidden ones left out, sorted.

    Returns:
        Paths relative to ``folder`` with forward slashes, for people to read: bytes that are no UTF-8 are
        escaped. Links to folders are not followed.
    """
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = (name for name in files if not name.startswith(".") and not name.lower().endswith(SUFFIXES))
        found += [os.path.relpath(f"{parent}/{name}", folder).replace(os.sep, "/") for name in names]
    return sorted(os.fsencode(path).decode("utf-8", "backslashreplace") for path in found)


def _collect(folder: str, prefix: str, around: frozenset[tuple[int, int]], found: list[str]) -> None:
    inner = []
    try:
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in around:
            raise InputError(_says_loop(folder))
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    inner.append(entry.name)
                elif entry.name.lower().endswith(SUFFIXES):
                    found.append(prefix + entry.name)
    except OSError as error:
        raise _refusal(error) from None
    around |= {(status.st_dev, status.st_ino)}
    for name in sorted(inner):
        _collect(f"{folder}/{name}", f"{prefix}{name}/", around, found)


def visible_folders(folder: Path) -> list[Path]:
    """Folders directly below ``folder``, hidden ones left out, sorted by name.

    Raises:
        InputError: ``folder`` cannot be read, or one is a link to it or to a folder around it.
    """
    try:
        found = [path for path in visible(folder) if path.is_dir() and not path.name.startswith("__")]
    except OSError as error:
        raise _refusal(error) from None
    for path in found:
        if path.is_symlink() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(_says_loop(os.fspath(path)))
    return found


def visible(folder: Path) -> list[Path]:
    """What lies directly in ``folder``, hidden files and folders left out, sorted by name.

    Raises:
        InputError: ``folder`` cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise _refusal(error) from None


def contents(folder: Path) -> str:
    """The names of the first few things in ``folder``, for messages."""
    return first_few(path.name for path in visible(folder)) or "nothing"


def _says_loop(folder: str) -> str:
    return f"{folder} is a link to {os.path.realpath(folder)}, which it lies in; remove the link"


def _refusal(error: OSError) -> InputError:
    return InputError(f"{error.filename} cannot be read: {error.strerror}; mend it or its permissions")
