"""Training losses."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lightning_skin.errors import InputError


class CrossEntropy(nn.Module):
    """Cross-entropy with label smoothing and class weights.

    Args:
        label_smoothing: Share of the target spread over all classes, in [0, 1).
        weight: Of each class ``(C,)``; ``None`` weighs all alike.
    """

    weight: Tensor | None

    def __init__(self, label_smoothing: float, weight: Tensor | None) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        # Recomputed from the data at each start, so that a checkpoint loads without them.
        self.register_buffer("weight", weight, persistent=False)

    @override
    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(logits, labels, self.weight, label_smoothing=self.label_smoothing)


def cross_entropy(
    label_smoothing: float,
    class_weights: str | Mapping[str, float],
    class_names: Sequence[str],
    class_counts: Sequence[int],
) -> CrossEntropy:
    """Build the loss for the classes of a training set.

    Args:
        label_smoothing: In [0, 1).
        class_weights: ``none``; ``balanced``, which gives each class the same total weight; or positive
            weights by class name, 1 for the classes not named.
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: ``class_weights`` names an unknown class, or is another word.
    """
    if isinstance(class_weights, Mapping):
        if unknown := sorted(set(class_weights) - set(class_names)):
            raise InputError(
                f"model.loss.class_weights names {', '.join(unknown)}, "
                f"expected classes among {', '.join(class_names)}"
            )
        return CrossEntropy(
            label_smoothing, torch.tensor([float(class_weights.get(name, 1)) for name in class_names])
        )
    if class_weights == "none":
        return CrossEntropy(label_smoothing, None)
    if class_weights == "balanced":
        counts = torch.tensor(class_counts, dtype=torch.float32)
        return CrossEntropy(label_smoothing, counts.sum() / (len(counts) * counts))
    raise InputError(f"model.loss.class_weights is {class_weights}, expected none, balanced or a mapping")
