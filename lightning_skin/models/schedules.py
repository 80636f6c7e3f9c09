"""Learning-rate schedules, as Lightning's scheduler settings."""

import math
from collections.abc import Callable

from lightning.pytorch.utilities.types import LRSchedulerConfigType
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau

from lightning_skin.errors import InputError

Schedule = Callable[[Optimizer, float], LRSchedulerConfigType]
"""Optimizer and number of optimizer steps (may be infinite) -> Lightning's settings."""


def warmup_cosine(optimizer: Optimizer, total_steps: float, warmup: float) -> LRSchedulerConfigType:
    """Rise linearly, then fall along half a cosine to zero (Loshchilov and Hutter, ICLR 2017, eq. 5).

    Args:
        optimizer: Holds the peak rates.
        total_steps: Of the whole training.
        warmup: Share of them that rises, in [0, 1).

    Raises:
        InputError: The training has no end.
    """
    if math.isinf(total_steps):
        raise InputError(
            "trainer.max_epochs is -1, expected an end for the cosine; or use model/scheduler=constant"
        )
    warmup_steps = round(warmup * total_steps)

    def factor(step: int) -> float:
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))

    return {"scheduler": LambdaLR(optimizer, factor), "interval": "step"}


def one_cycle(optimizer: Optimizer, total_steps: float, warmup: float) -> LRSchedulerConfigType:
    """Rise from a 25th of the rates, then fall to a ten-thousandth of that; momentum falls and rises.

    Smith and Topin, "Super-Convergence", 2018; cosines instead of lines, as in PyTorch.

    Args:
        optimizer: Holds the peak rates.
        total_steps: Of the whole training.
        warmup: Share of them that rises, in (0, 1).

    Raises:
        InputError: The training has no end.
    """
    if math.isinf(total_steps):
        raise InputError(
            "trainer.max_epochs is -1, expected an end for the cycle; or use model/scheduler=constant"
        )
    peaks = [group["lr"] for group in optimizer.param_groups]
    scheduler = OneCycleLR(optimizer, peaks, total_steps=int(total_steps), pct_start=warmup)
    return {"scheduler": scheduler, "interval": "step"}


def plateau(
    optimizer: Optimizer, total_steps: float, monitor: str, factor: float, patience: int
) -> LRSchedulerConfigType:
    """Multiply the rate by ``factor`` when ``monitor`` has not risen for more than ``patience`` epochs."""
    del total_steps
    scheduler = ReduceLROnPlateau(optimizer, mode="max", factor=factor, patience=patience)
    # Not strict: where validation is rarer than an epoch, the first epochs have no score.
    return {"scheduler": scheduler, "interval": "epoch", "monitor": monitor, "strict": False}


def constant(optimizer: Optimizer, total_steps: float) -> LRSchedulerConfigType:
    """Keep the optimizer's rates."""
    del total_steps
    return {"scheduler": LambdaLR(optimizer, lambda _: 1.0), "interval": "step"}
