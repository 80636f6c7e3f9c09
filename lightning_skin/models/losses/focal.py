"""The focal loss: images that are classified well count little."""

from collections.abc import Sequence

import torch
from torch import Tensor
from typing_extensions import override

from lightning_skin.models.losses.class_weights import ClassWeights, weights_of
from lightning_skin.models.losses.contract import ClassificationLoss, targets, widened


class FocalLoss(ClassificationLoss):
    """``-w_y (1 - p_y)^gamma log p_y`` (Lin et al., ICCV 2017, eq. 5) of softmax probabilities.

    As for weighted cross-entropy, the mean is over weights, not images.

    Args:
        gamma: At least 0; 0 is cross-entropy.
        weight: Of each class ``(C,)``; ``None`` weighs all alike.
    """

    weight: Tensor | None

    def __init__(self, gamma: float, weight: Tensor | None) -> None:
        super().__init__()
        self.gamma = gamma
        self.register_buffer("weight", weight, persistent=False)

    @override
    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        log_probabilities = widened(logits).log_softmax(dim=1)
        shares = targets(labels, log_probabilities)
        if self.weight is not None:
            shares = shares * self.weight.to(shares)
        # At 0, a power below 1 has no finite gradient.
        doubt = (-torch.expm1(log_probabilities)).clamp_min(torch.finfo(torch.float32).tiny)
        return -(shares * doubt**self.gamma * log_probabilities).sum() / shares.sum()


def focal(
    gamma: float, class_weights: ClassWeights, class_names: Sequence[str], class_counts: Sequence[int]
) -> FocalLoss:
    """Build the loss for the classes of a training set.

    Args:
        gamma: At least 0.
        class_weights: As ``weights_of`` takes them.
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: ``class_weights`` names an unknown class, or is another word.
    """
    return FocalLoss(gamma, weights_of(class_weights, class_names, class_counts))
