"""Many small tensor computations side by side."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from lightning_skin.data.threads import map_in_threads

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_threads(function: Callable[[Part], Result], parts: Sequence[Part], title: str) -> list[Result]:
    """Apply a function to parts, one thread a core, behind a progress bar.

    Each computation keeps to its thread meanwhile: small tensors lose more by being divided than they gain.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return list(map_in_threads(function, parts, title))
    finally:
        torch.set_num_threads(threads)
