"""Files and folders that appear complete or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EEXIST
from pathlib import Path
from shutil import rmtree
from uuid import uuid4


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Lend a temporary path beside ``path``; it replaces ``path`` when the block ends without an error.

    Missing parent folders are created. A block that fails leaves an older file at ``path`` untouched.

    Args:
        path: File to write.

    Yields:
        Path in the same folder, so that the replacement is one rename within one file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are private to the user, whatever the umask says.
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, first_stays: bool = False) -> Iterator[Path]:
    """Lend a temporary folder beside ``path``; it becomes ``path`` when the block ends without an error.

    Missing parent folders are created.

    Args:
        path: Folder to write, which does not exist yet.
        first_stays: Whether a ``path`` that another process made meanwhile is as good as this one.

    Yields:
        Path in the same folder, so that readers see all of its content or nothing.

    Raises:
        FileExistsError: ``path`` was made meanwhile, and is not as good; it is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    temporary.mkdir()
    try:
        yield temporary
        try:
            temporary.rename(path)
        except OSError as error:
            if not path.exists():
                raise
            if not (first_stays and path.is_dir()):
                raise FileExistsError(EEXIST, "exists by now", str(path)) from error
    finally:
        rmtree(temporary, ignore_errors=True)
