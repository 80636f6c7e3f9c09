"""Logit adjustment: training compensates for how frequent a class is."""

from collections.abc import Sequence

from torch import Tensor
from typing_extensions import override

from lightning_skin.models.losses.class_weights import counts_of
from lightning_skin.models.losses.contract import ClassificationLoss, mean_cross_entropy, widened


class LogitAdjustedCrossEntropy(ClassificationLoss):
    """Cross-entropy of logits to which ``tau log prior`` is added (Menon et al., ICLR 2021, eq. 10).

    Without the addition, as they are used after training, the logits aim at balanced accuracy.

    Args:
        adjustment: ``tau log prior`` of each class ``(C,)``.
        label_smoothing: Share of the target spread over all classes, in [0, 1).
    """

    adjustment: Tensor

    def __init__(self, adjustment: Tensor, label_smoothing: float) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.register_buffer("adjustment", adjustment, persistent=False)

    @override
    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        return mean_cross_entropy(widened(logits) + self.adjustment, labels, None, self.label_smoothing)


def logit_adjustment(
    tau: float, label_smoothing: float, class_names: Sequence[str], class_counts: Sequence[int]
) -> LogitAdjustedCrossEntropy:
    """Build the loss for the classes of a training set.

    Args:
        tau: At least 0; 0 is cross-entropy, 1 what the paper derives.
        label_smoothing: In [0, 1).
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: A class has no training images.
    """
    counts = counts_of(class_names, class_counts, "model/loss=logit_adjustment")
    return LogitAdjustedCrossEntropy(tau * (counts / counts.sum()).log(), label_smoothing)
