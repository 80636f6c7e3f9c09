"""Leave no empty folders behind."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove a folder made meanwhile that holds no file in the end, and its parents made for it.

    What was there before stays, and so does anything that another process wrote.
    """
    chain = [folder.absolute(), *folder.absolute().parents]
    made = [path for path in chain if not path.exists()]
    try:
        yield
    finally:
        if is_first_process() and made and made[0].is_dir():
            _remove(made)


def is_first_process() -> bool:
    """Whether this is no other process of a distributed run on this machine."""
    return os.environ.get("LOCAL_RANK", "0") == "0"


def _remove(made: list[Path]) -> None:
    if any(not path.is_dir() for path in made[0].rglob("*")):
        return
    shutil.rmtree(made[0])
    for parent in made[1:]:
        if any(parent.iterdir()):
            return
        parent.rmdir()
