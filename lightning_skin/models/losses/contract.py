"""What a training loss is given, and what it says of mixed images."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ClassificationLoss(nn.Module):
    """Mean loss of logits ``(B, C)`` and labels, as a scalar.

    Labels are class indices ``(B,)`` or, where images were mixed, probabilities ``(B, C)``. Logits of half
    precision are widened to 32 bits first.
    """

    def start_epoch(self, epoch: int, epochs: int) -> None:
        """Told before each epoch, for losses that change in the course of a training.

        Args:
            epoch: From 0.
            epochs: Of the whole training; -1 where it has no end.
        """


def widened(logits: Tensor) -> Tensor:
    """Logits of at least 32 bits."""
    return logits if logits.dtype == torch.float64 else logits.float()


def targets(labels: Tensor, logits: Tensor) -> Tensor:
    """Labels as probabilities ``(B, C)``, of the type of ``logits``."""
    return (labels if labels.is_floating_point() else F.one_hot(labels, logits.shape[1])).to(logits)


def mean_cross_entropy(
    logits: Tensor, labels: Tensor, weight: Tensor | None, label_smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy, its mean over weights for both kinds of labels.

    PyTorch's divides by the number of images, not by their weights, where labels are probabilities.
    """
    wide = widened(logits)
    weight = None if weight is None else weight.to(wide)
    if weight is None or not labels.is_floating_point():
        labels = labels.to(wide) if labels.is_floating_point() else labels
        return F.cross_entropy(wide, labels, weight, label_smoothing=label_smoothing)
    shares = labels.to(wide)
    total = F.cross_entropy(wide, shares, weight, reduction="sum", label_smoothing=label_smoothing)
    return total / (shares @ weight).sum()
