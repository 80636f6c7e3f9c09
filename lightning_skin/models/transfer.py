"""How a pretrained network is taken over: what is trained, when, and how fast."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lightning.pytorch import Callback
from torch import nn

from lightning_skin.models.network import LesionNetwork
from lightning_skin.models.parameters import lr_factors
from lightning_skin.models.unfreezing import GradualUnfreezing


@dataclass(frozen=True)
class Transfer:
    """What a choice of ``model/transfer`` stands for.

    Attributes:
        factors: What multiplies the learning rate of each parameter that is trained.
        unfreezing: From the network to what unfreezes it step by step; ``None`` where nothing is.
        cached_views: Views of each training image whose features are computed once, for a frozen backbone:
            1 for the image as it is evaluated, more for augmented ones; ``None`` computes them anew in every
            step.
    """

    factors: Callable[[LesionNetwork], dict[nn.Parameter, float]] = lr_factors
    unfreezing: Callable[[LesionNetwork], Callback] | None = None
    cached_views: int | None = None


def none(head_lr_factor: float) -> Transfer:
    """All that is not frozen is trained from the first step on.

    Args:
        head_lr_factor: Learning rate of the head, as a multiple of the backbone's.
    """
    return Transfer(partial(lr_factors, head=head_lr_factor))


def frozen(cached_views: int | None) -> Transfer:
    """The head alone is trained.

    Args:
        cached_views: As in ``Transfer``.
    """
    return Transfer(cached_views=cached_views)


def layerwise(stages: int, lr_decay: float, head_lr_factor: float) -> Transfer:
    """The learning rate falls from the head to the first layer.

    Args:
        stages: Into which the backbone is divided.
        lr_decay: From a stage to the one before it, in (0, 1].
        head_lr_factor: Learning rate of the head, as a multiple of the optimizer's.
    """
    return Transfer(partial(lr_factors, head=head_lr_factor, decay=lr_decay, stages=stages))


def gradual(
    stages: int, head_epochs: int, stage_epochs: int, lr_decay: float, head_lr_factor: float
) -> Transfer:
    """The head is trained first, then one stage more every few epochs.

    Args:
        stages: Into which the backbone is divided.
        head_epochs: Epochs before the first stage joins.
        stage_epochs: Epochs from one stage to the next.
        lr_decay: From a stage to the one before it, in (0, 1].
        head_lr_factor: Learning rate of the head, as a multiple of the optimizer's.
    """
    return Transfer(
        partial(lr_factors, head=head_lr_factor, decay=lr_decay, stages=stages),
        partial(GradualUnfreezing, head_epochs=head_epochs, stage_epochs=stage_epochs, stages=stages),
    )
