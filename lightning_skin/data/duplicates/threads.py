"""Many small tensor computations side by side."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from lightning_skin.progress import track

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_threads(function: Callable[[Part], Result], parts: Sequence[Part], title: str) -> list[Result]:
    """Apply a function to parts, one thread a core, behind a progress bar.

    Each computation keeps to its thread meanwhile: small tensors lose more by being divided than they gain.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                found = pool.map(function, parts)
                return list(track(found, title, total=len(parts)))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        torch.set_num_threads(threads)
