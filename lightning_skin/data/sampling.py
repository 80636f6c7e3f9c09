"""Which training images an epoch takes, and in which order."""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Draw = Callable[[torch.Generator], Tensor]
"""Rows of an epoch, in order."""

POWERS = {"balanced": 1.0, "square_root": 0.5}
REPETITION = 1_000_003
"""What a repetition adds to the epoch in a key: more epochs than any training has."""


def draw_of(sampler: str, labels: npt.NDArray[np.int64]) -> Draw:
    """How an epoch chooses its images.

    Args:
        sampler: ``shuffle`` takes every image once; ``balanced`` draws each class equally often, with
            replacement; ``square_root`` in proportion to the square root of its size (Kang et al., ICLR 2020,
            section 3, with q of 0 and 1/2).
        labels: Class index of each image ``(N,)``.
    """
    if sampler == "shuffle":
        return partial(_shuffled, len(labels))
    weights = torch.from_numpy((1 / np.bincount(labels)[labels]) ** POWERS[sampler])
    return partial(_drawn, weights)


def _shuffled(size: int, generator: torch.Generator) -> Tensor:
    return torch.randperm(size, generator=generator)


def _drawn(weights: Tensor, generator: torch.Generator) -> Tensor:
    return torch.multinomial(weights, len(weights), replacement=True, generator=generator)


def keys_of(rows: Tensor, size: int, epoch: int) -> Tensor:
    """Keys of ``ImageDataset``: an image that is drawn several times in an epoch is augmented anew each time.

    Args:
        rows: Of the images, in order.
        size: Number of images of the data set.
        epoch: From 0.
    """
    order = torch.argsort(rows, stable=True)
    _, counts = torch.unique_consecutive(rows[order], return_counts=True)
    starts = counts.cumsum(0) - counts
    repetition = torch.empty_like(rows)
    repetition[order] = torch.arange(len(rows)) - starts.repeat_interleave(counts)
    return rows + size * (epoch + REPETITION * repetition)
