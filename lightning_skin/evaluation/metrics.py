"""The metrics of a classifier, defined once for validation, test and comparisons."""

from collections.abc import Sequence

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.weighted import (
    FloatArray,
    IntArray,
    Scores,
    guess_scores,
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
    - ``average_precision``: mean of the one-vs-rest average precisions that are defined, without
      interpolation; knowing nothing gives a class its share of the images.
    - ``kappa``: Cohen's kappa, agreement beyond chance (Educational and Psychological Measurement 1960).
    - ``mcc``: Matthews correlation of several classes (Gorodkin, Comput. Biol. Chem. 2004); 0 for a
      constant guess.
    - ``f1_macro``: mean F1 of the classes that are present or guessed.
    - ``nll``: mean ``-log p`` of the true class, ``p`` held above 2.2e-16.
    - ``brier``: mean squared error summed over classes, in [0, 2] (Brier, Monthly Weather Review 1950).
    - ``ece``: expected calibration error over 15 equal bins of the top probability (Guo et al., ICML 2017);
      ``ece_adaptive``: over 15 bins of equally many images (Nguyen and O'Connor, EMNLP 2015).
    - ``recall_<class>`` (sensitivity), ``specificity_<class>``, ``precision_<class>`` (PPV),
      ``npv_<class>``, ``auroc_<class>``, ``average_precision_<class>``, ``f1_<class>``: the class against
      all others; ``count_<class>``: its images, or their weight.

    Recall and average precision are undefined for an absent class, precision for one never guessed, NPV for
    one always guessed, AUROC and specificity where nothing or everything is of the class, kappa and
    MCC where all images are of one class (kappa only if that is always guessed).

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


def baselines(
    train_counts: Sequence[int], labels: IntArray, class_names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """What guesses that never look at an image score, so that nobody mistakes frequency for skill.

    Returns:
        ``majority`` and ``prior``, from ``majority_baseline`` and ``prior_baseline``.
    """
    return {
        "majority": majority_baseline(train_counts, labels, class_names),
        "prior": prior_baseline(train_counts, labels, class_names),
    }


def majority_baseline(
    train_counts: Sequence[int], labels: IntArray, class_names: Sequence[str]
) -> dict[str, float]:
    """The metrics of always guessing the most frequent training class.

    Its probabilities are the class frequencies of the training images, the same for every image, so
    that ``nll``, ``brier`` and ``ece`` are those of the best guess that never looks at an image
    (scikit-learn's ``DummyClassifier(strategy="prior")``).

    Args:
        train_counts: Training images of each class ``(C,)``; the first of equally frequent classes wins.
        labels: True class indices of the judged images ``(N,)``.
        class_names: The C classes.

    Returns:
        The keys of ``classification_metrics``.
    """
    probabilities = np.tile(_frequencies(train_counts), (len(labels), 1))
    return classification_metrics(labels, probabilities, class_names)


def prior_baseline(
    train_counts: Sequence[int], labels: IntArray, class_names: Sequence[str]
) -> dict[str, float]:
    """The metrics of guesses drawn by chance, each class as often as among the training images.

    This is scikit-learn's ``DummyClassifier(strategy="stratified")``, but without its dice: every image counts
    as guessed to be of each class by that class's frequency, so that the metrics are those of the expected
    confusion matrix. Kappa and MCC are 0, the recall of a class is its frequency. What depends on
    probabilities is as in ``majority_baseline``, since these are the same frequencies.

    Args:
        train_counts: Training images of each class ``(C,)``.
        labels: True class indices of the judged images ``(N,)``.
        class_names: The C classes.

    Returns:
        The keys of ``classification_metrics``.
    """
    counts = np.bincount(np.asarray(labels, np.int64), minlength=len(class_names)).astype(np.float64)
    guesses = named_scores(guess_scores(np.outer(counts, _frequencies(train_counts))), class_names)
    by_probability = majority_baseline(train_counts, labels, class_names)
    return by_probability | {name: float(value) for name, value in guesses.items()}


def _frequencies(train_counts: Sequence[int]) -> FloatArray:
    return np.asarray(train_counts, np.float64) / np.sum(train_counts)


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
