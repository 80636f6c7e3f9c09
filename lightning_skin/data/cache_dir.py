"""The folder where findings are remembered, which a run can do without."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

logger = logging.getLogger(__name__)


@contextmanager
def dispensable(file: Path) -> Iterator[None]:
    """Go on where a file of the cache can be neither read nor written; warn once for each folder."""
    try:
        yield
    except OSError as error:
        _warn(file.parent, error.strerror or str(error))


@lru_cache
def _warn(folder: Path, reason: str) -> None:
    logger.warning(
        "Nothing is remembered in %s (%s), so the next run looks at every image again; "
        "set data.cache_dir to a folder that can be written",
        folder,
        reason,
    )
