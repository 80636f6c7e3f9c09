"""Many files or parts side by side."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lightning_skin.progress import track

Part = TypeVar("Part")
Result = TypeVar("Result")


def map_in_threads(function: Callable[[Part], Result], parts: Sequence[Part], title: str) -> Iterator[Result]:
    """Apply a function to parts, one thread a core, behind a progress bar; what is not begun ends with it."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from track(pool.map(function, parts), title, total=len(parts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
