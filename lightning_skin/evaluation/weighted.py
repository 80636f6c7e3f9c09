"""The metrics as functions of sample weights: one definition for the value and for its bootstrap."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CALIBRATION_BINS = 15


class Scores(NamedTuple):
    """Metrics by name; ``overall`` holds shapes ``(...)``, ``per_class`` shapes ``(..., C)``."""

    overall: dict[str, FloatArray]
    per_class: dict[str, FloatArray]


class CalibrationSums(NamedTuple):
    """Weight, weighted correct guesses and weighted confidence of each confidence bin, ``(..., 15)``."""

    weight: FloatArray
    correct: FloatArray
    confidence: FloatArray


def weighted_scores(labels: IntArray, probabilities: FloatArray, weights: FloatArray) -> Scores:
    """Every metric under every set of weights; NaN where it is undefined.

    Args:
        labels: True class indices ``(N,)``.
        probabilities: Class probabilities ``(N, C)``; the guess is the first largest.
        weights: Non-negative sample weights ``(..., N)``; zero leaves a sample out.

    Returns:
        Metrics of the leading shape of ``weights``; ``lightning_skin.evaluation.metrics`` defines each.
    """
    confusion = weighted_confusion(labels, probabilities.argmax(axis=1), probabilities.shape[1], weights)
    per_class = _rates(confusion)
    per_class["auroc"] = weighted_auroc(labels, probabilities, weights)
    bins = calibration_sums(labels, probabilities, weights)
    total = weights.sum(axis=-1)
    overall = {
        "accuracy": _ratio(np.trace(confusion, axis1=-2, axis2=-1), total),
        "balanced_accuracy": _mean_where_defined(per_class["recall"]),
        "auroc": _mean_where_defined(per_class["auroc"]),
        "f1_macro": _mean_where_defined(per_class["f1"]),
        "nll": _ratio(weights @ _log_losses(labels, probabilities), total),
        "brier": _ratio(weights @ _squared_errors(labels, probabilities), total),
        "ece": _ratio(np.abs(bins.correct - bins.confidence).sum(axis=-1), total),
    }
    return Scores(overall, per_class)


def weighted_confusion(
    labels: IntArray, predicted: IntArray, num_classes: int, weights: FloatArray
) -> FloatArray:
    """Weight of each pair of true class (row) and guessed class (column), ``(..., C, C)``."""
    cells = labels * num_classes + predicted
    in_cell = (cells[:, None] == np.arange(num_classes**2)).astype(np.float64)  # (N, C * C)
    return (weights @ in_cell).reshape(*weights.shape[:-1], num_classes, num_classes)


def weighted_auroc(labels: IntArray, probabilities: FloatArray, weights: FloatArray) -> FloatArray:
    """Area under the one-vs-rest ROC curve of each class, ``(..., C)``.

    It is the weight of the pairs that are ranked rightly, ties counting one half, over that of all
    pairs (Hanley and McNeil, Radiology 1982). For each positive the negatives below it are looked up
    in the cumulative weights of the sorted negatives, before and after those that tie with it.
    """
    areas = np.full((*weights.shape[:-1], probabilities.shape[1]), np.nan)
    for label, scores in enumerate(probabilities.T):
        positives, negatives = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        negatives = negatives[np.argsort(scores[negatives])]
        below = np.zeros((*weights.shape[:-1], len(negatives) + 1))
        np.cumsum(weights[..., negatives], axis=-1, out=below[..., 1:])
        first = np.searchsorted(scores[negatives], scores[positives], side="left")
        last = np.searchsorted(scores[negatives], scores[positives], side="right")
        positive_weights = weights[..., positives]
        ranked = (positive_weights * (below[..., first] + below[..., last])).sum(axis=-1) / 2
        areas[..., label] = _ratio(ranked, positive_weights.sum(axis=-1) * below[..., -1])
    return areas


def calibration_sums(labels: IntArray, probabilities: FloatArray, weights: FloatArray) -> CalibrationSums:
    """Sums over 15 equal bins ``(m / 15, (m + 1) / 15]`` of the top probability (Guo et al., ICML 2017)."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bins = np.searchsorted(np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1], confidence, side="left")
    in_bin = (bins[:, None] == np.arange(CALIBRATION_BINS)).astype(np.float64)  # (N, 15)
    return CalibrationSums(
        weight=weights @ in_bin,
        correct=weights @ (in_bin * correct[:, None]),
        confidence=weights @ (in_bin * confidence[:, None]),
    )


def _rates(confusion: FloatArray) -> dict[str, FloatArray]:
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    count, guessed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    negatives = count.sum(axis=-1, keepdims=True) - count
    return {
        "recall": _ratio(hits, count),
        "specificity": _ratio(negatives - (guessed - hits), negatives),
        "precision": _ratio(hits, guessed),
        "f1": _ratio(2 * hits, count + guessed),
        "count": count,
    }


def _log_losses(labels: IntArray, probabilities: FloatArray) -> FloatArray:
    of_truth = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(of_truth, np.finfo(np.float64).eps))


def _squared_errors(labels: IntArray, probabilities: FloatArray) -> FloatArray:
    return ((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _mean_where_defined(values: FloatArray) -> FloatArray:
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))
