"""Cross-entropy."""

from collections.abc import Sequence

from torch import Tensor
from typing_extensions import override

from lightning_skin.models.losses.class_weights import ClassWeights, weights_of
from lightning_skin.models.losses.contract import ClassificationLoss, mean_cross_entropy


class CrossEntropy(ClassificationLoss):
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
        return mean_cross_entropy(logits, labels, self.weight, self.label_smoothing)


def cross_entropy(
    label_smoothing: float,
    class_weights: ClassWeights,
    class_names: Sequence[str],
    class_counts: Sequence[int],
) -> CrossEntropy:
    """Build the loss for the classes of a training set.

    Args:
        label_smoothing: In [0, 1).
        class_weights: As ``weights_of`` takes them.
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: ``class_weights`` names an unknown class, or is another word.
    """
    return CrossEntropy(label_smoothing, weights_of(class_weights, class_names, class_counts))
