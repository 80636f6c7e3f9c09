"""Weights of classes, from how many training images each has."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lightning_skin.errors import InputError

ClassWeights = str | Mapping[str, float]
BETA = 0.999
"""One of the four values that Cui et al. tried; with it, images beyond about a thousand add little."""


def weights_of(
    class_weights: ClassWeights, class_names: Sequence[str], class_counts: Sequence[int]
) -> Tensor | None:
    """The weight of each class ``(C,)``; ``None`` weighs all alike.

    Args:
        class_weights: ``none``; ``balanced``, which gives each class the same total weight; ``effective``,
            the inverse of the effective number of images (Cui et al., CVPR 2019); or positive weights by
            class name, 1 for the classes not named.
        class_names: Order of the logits.
        class_counts: Training images of each class.

    Raises:
        InputError: ``class_weights`` names an unknown class, is another word, or needs images of a class that
            has none.
    """
    if isinstance(class_weights, Mapping):
        if unknown := sorted(set(class_weights) - set(class_names)):
            raise InputError(
                f"model.loss.class_weights names {', '.join(unknown)}, "
                f"expected classes among {', '.join(class_names)}"
            )
        return torch.tensor([float(class_weights.get(name, 1)) for name in class_names])
    if class_weights == "none":
        return None
    if class_weights == "balanced":
        counts = counts_of(class_names, class_counts, "model.loss.class_weights=balanced")
        return counts.sum() / (len(counts) * counts)
    if class_weights == "effective":
        counts = counts_of(class_names, class_counts, "model.loss.class_weights=effective")
        return effective_weights(counts, BETA)
    raise InputError(
        f"model.loss.class_weights is {class_weights}, expected none, balanced, effective or a mapping"
    )


def effective_weights(counts: Tensor, beta: float) -> Tensor:
    """Inverse effective numbers of images, of mean 1 (Cui et al., CVPR 2019, eq. 2 and section 4.1).

    Args:
        counts: Training images of each class ``(C,)``.
        beta: In [0, 1); 0 weighs all alike, towards 1 like the inverse counts.
    """
    inverse = (1 - beta) / (1 - torch.tensor(beta, dtype=torch.float64) ** counts.double())
    return (inverse / inverse.mean()).float()


def counts_of(class_names: Sequence[str], class_counts: Sequence[int], setting: str) -> Tensor:
    """Training images of each class ``(C,)``, float32.

    Raises:
        InputError: A class has none, which the named setting cannot do with.
    """
    if empty := [name for name, count in zip(class_names, class_counts, strict=True) if count == 0]:
        raise InputError(
            f"{', '.join(empty)} has no training images, which {setting} needs of every class; "
            "add some, or choose another one"
        )
    return torch.tensor(class_counts, dtype=torch.float32)
