"""LDAM: rarer classes get wider margins; late in training, also larger weights."""

from collections.abc import Sequence

import torch
from torch import Tensor
from typing_extensions import override

from lightning_skin.errors import InputError
from lightning_skin.models.losses.class_weights import counts_of, effective_weights
from lightning_skin.models.losses.contract import ClassificationLoss, mean_cross_entropy, targets, widened

BETA = 0.9999
"""Of the deferred weights, as in the paper's experiments."""


class LDAMLoss(ClassificationLoss):
    """Label-distribution-aware margins and deferred re-weighting (Cao et al., NeurIPS 2019).

    Cross-entropy in which the logit of the true class is lowered by a margin that falls with the fourth root
    of its number of images (eq. 12 and 13). The head of the paper normalises features and class vectors and
    multiplies by 30; ours does not, so that the margins here are in units of the logits.

    Args:
        margins: Of each class ``(C,)``.
        weight: Of each class ``(C,)``, once the re-weighting began.
        reweight_from: Share of the training after which it begins, in [0, 1]; 1 never does.
    """

    margins: Tensor
    weight: Tensor

    def __init__(self, margins: Tensor, weight: Tensor, reweight_from: float) -> None:
        super().__init__()
        self.reweight_from = reweight_from
        self.reweights = False
        self.register_buffer("margins", margins, persistent=False)
        self.register_buffer("weight", weight, persistent=False)

    @override
    def start_epoch(self, epoch: int, epochs: int) -> None:
        if epochs < 0 and self.reweight_from < 1:
            raise InputError(
                "model/loss=ldam re-weights the last part of a training, and trainer.max_epochs is -1; "
                "set trainer.max_epochs, or model.loss.reweight_from=1"
            )
        self.reweights = epoch >= self.reweight_from * epochs

    @override
    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        wide = widened(logits)
        shares = targets(labels, wide)
        # Of mixed images, each class gives its share of the margin.
        lowered = wide - shares * self.margins
        return mean_cross_entropy(lowered, labels, self.weight if self.reweights else None)


def ldam(
    max_margin: float, reweight_from: float, class_names: Sequence[str], class_counts: Sequence[int]
) -> LDAMLoss:
    """Build the loss for the classes of a training set.

    Args:
        max_margin: Of the rarest class, in units of the logits.
        reweight_from: Share of the training after which classes are weighted, in [0, 1].
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: A class has no training images.
    """
    counts = counts_of(class_names, class_counts, "model/loss=ldam")
    margins = max_margin * torch.sqrt(torch.sqrt(counts.min() / counts))
    return LDAMLoss(margins, effective_weights(counts, BETA), reweight_from)
