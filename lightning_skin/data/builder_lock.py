"""One process builds what others need too."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)


@contextmanager
def only_builder(folder: Path, what: str) -> Iterator[None]:
    """Let one process at a time build in ``folder``, which is made; the others wait.

    Args:
        folder: Of all that is built.
        what: Is built, for the message to those who wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("Another process builds %s in %s; waiting for it", what, folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
