"""The metrics of a classifier, defined once for validation, test and comparisons."""

from collections.abc import Sequence

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.weighted import (
    FloatArray,
    IntArray,
    Scores,
    weighted_confusion,
    weighted_scores,
)


def classification_metrics(
    labels: IntArray,
    probabilities: FloatArray,
    class_names: Sequence[str],
    weights: FloatArray | None = None,
) -> dict[str, float]:
    """The metrics of class probabilities; NaN where one is undefined.

    - ``accuracy``: share of images whose most probable class is the true one.
    - ``balanced_accuracy``: mean recall of the classes present (the ISIC 2018 task 3 metric).
    - ``auroc``: mean of the one-vs-rest areas under the ROC curve that are defined.
    - ``f1_macro``: mean F1 of the classes that are present or guessed.
    - ``nll``: mean ``-log p`` of the true class, ``p`` held above 2.2e-16.
    - ``brier``: mean squared error summed over classes, in [0, 2] (Brier, Monthly Weather Review 1950).
    - ``ece``: expected calibration error over 15 equal bins of the top probability (Guo et al., ICML 2017).
    - ``recall_<class>``, ``specificity_<class>``, ``precision_<class>``, ``auroc_<class>``,
      ``f1_<class>``: the class against all others; ``count_<class>``: its images, or their weight.

    Recall is undefined for an absent class, precision for one never guessed, AUROC and specificity
    where nothing or everything is of the class.

    Args:
        labels: True class indices ``(N,)`` in [0, C).
        probabilities: Class probabilities ``(N, C)``.
        class_names: The C classes, in the order of the columns.
        weights: Non-negative sample weights ``(N,)``, integer or not; ``None`` counts each image once.

    Raises:
        ValueError: Shapes do not agree or a label is out of range.
        InputError: A probability is not finite.
    """
    labels, probabilities = np.asarray(labels, np.int64), np.asarray(probabilities, np.float64)
    _check(labels, probabilities, len(class_names))
    ones = np.ones(len(labels)) if weights is None else np.asarray(weights, np.float64)
    scores = weighted_scores(labels, probabilities, ones)
    return {name: float(value) for name, value in named_scores(scores, class_names).items()}


def named_scores(scores: Scores, class_names: Sequence[str]) -> dict[str, FloatArray]:
    """The scores under flat names, ``<metric>`` and ``<metric>_<class>``, each of shape ``(...)``."""
    per_class = {
        f"{metric}_{name}": values[..., index]
        for metric, values in scores.per_class.items()
        for index, name in enumerate(class_names)
    }
    return scores.overall | per_class


def confusion_matrix(
    labels: IntArray, predicted: IntArray, num_classes: int, weights: FloatArray | None = None
) -> FloatArray:
    """Images, or their weight, by true class (row) and guessed class (column).

    Args:
        labels: True class indices ``(N,)``.
        predicted: Guessed class indices ``(N,)``.
        num_classes: C.
        weights: Sample weights ``(N,)``; ``None`` counts each image once.

    Returns:
        Matrix ``(C, C)`` that sums to the number of images, or to their weight.
    """
    ones = np.ones(len(labels)) if weights is None else np.asarray(weights, np.float64)
    return weighted_confusion(
        np.asarray(labels, np.int64), np.asarray(predicted, np.int64), num_classes, ones
    )


def majority_baseline(
    train_counts: Sequence[int], labels: IntArray, class_names: Sequence[str]
) -> dict[str, float]:
    """The metrics of always guessing the most frequent training class.

    Its probabilities are the class frequencies of the training images, the same for every image, so
    that ``nll``, ``brier`` and ``ece`` are those of the best guess that never looks at an image.

    Args:
        train_counts: Training images of each class ``(C,)``; the first of equally frequent classes wins.
        labels: True class indices of the judged images ``(N,)``.
        class_names: The C classes.

    Returns:
        The keys of ``classification_metrics``.
    """
    frequencies = np.asarray(train_counts, np.float64) / np.sum(train_counts)
    probabilities = np.tile(frequencies, (len(labels), 1))
    return classification_metrics(labels, probabilities, class_names)


def _check(labels: IntArray, probabilities: FloatArray, num_classes: int) -> None:
    if probabilities.shape != (len(labels), num_classes):
        expected = f"({len(labels)}, {num_classes})"
        raise ValueError(f"probabilities have shape {probabilities.shape}, expected {expected}")
    if np.any((labels < 0) | (labels >= num_classes)):
        raise ValueError(f"labels span {labels.min()} to {labels.max()}, expected 0 to {num_classes - 1}")
    if not np.isfinite(probabilities).all():
        row = int(np.argmin(np.isfinite(probabilities).all(axis=1)))
        raise InputError(
            f"probabilities of row {row} are {probabilities[row].tolist()}, expected finite numbers: "
            "training has probably diverged, lower the learning rate"
        )
