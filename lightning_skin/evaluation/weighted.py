"""The metrics as functions of sample weights: one definition for the value and for its bootstrap."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.adaptive_bins import AdaptiveBins
from lightning_skin.evaluation.ranking import Ranking, auroc, average_precision, ratio

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CALIBRATION_BINS = 15

ROUNDING = 1e-12
"""What sums of shares miss, where nothing is left."""


class Scores(NamedTuple):
    """Metrics by name; ``overall`` holds shapes ``(...)``, ``per_class`` shapes ``(..., C)``."""

    overall: dict[str, FloatArray]
    per_class: dict[str, FloatArray]


class CalibrationSums(NamedTuple):
    """Weight, weighted correct guesses and weighted confidence of each confidence bin, ``(..., 15)``."""

    weight: FloatArray
    correct: FloatArray
    confidence: FloatArray


class Scorer:
    """Every metric of a table; what does not depend on the weights is computed once.

    Args:
        labels: True class indices ``(N,)``.
        probabilities: Class probabilities ``(N, C)``; the guess is the first largest.
    """

    def __init__(self, labels: IntArray, probabilities: FloatArray) -> None:
        self._num_classes = probabilities.shape[1]
        predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1, initial=0)
        self._labels, self._predicted = labels, predicted
        overconfidence = confidence - (predicted == labels)
        self._images = np.column_stack(
            [
                _log_losses(labels, probabilities),
                _squared_errors(labels, probabilities),
                _in_bin(confidence) * overconfidence[:, None],
            ]
        )
        self._adaptive = AdaptiveBins(confidence, overconfidence, CALIBRATION_BINS)
        self._rankings = [Ranking(scores, labels == label) for label, scores in enumerate(probabilities.T)]

    def __call__(self, weights: FloatArray) -> Scores:
        """Every metric under every set of weights; NaN where it is undefined.

        Args:
            weights: Non-negative sample weights ``(..., N)``; zero leaves a sample out.

        Returns:
            Metrics of the leading shape of ``weights``; ``lightning_skin.evaluation.metrics`` defines each.
        """
        confusion = weighted_confusion(self._labels, self._predicted, self._num_classes, weights)
        scores = guess_scores(confusion)
        curves = [ranking.curve(weights) for ranking in self._rankings]
        for name, area in (("auroc", auroc), ("average_precision", average_precision)):
            scores.per_class[name] = np.stack([area(curve) for curve in curves], axis=-1)
            scores.overall[name] = _mean_where_defined(scores.per_class[name])
        total, sums = weights.sum(axis=-1), weights @ self._images
        scores.overall["nll"] = ratio(sums[..., 0], total)
        scores.overall["brier"] = ratio(sums[..., 1], total)
        scores.overall["ece"] = ratio(np.abs(sums[..., 2:]).sum(axis=-1), total)
        scores.overall["ece_adaptive"] = self._adaptive.error(weights)
        return scores


def weighted_scores(labels: IntArray, probabilities: FloatArray, weights: FloatArray) -> Scores:
    """What ``Scorer(labels, probabilities)`` says under the weights."""
    return Scorer(labels, probabilities)(weights)


def guess_scores(confusion: FloatArray) -> Scores:
    """The metrics that depend on the guessed classes alone.

    Args:
        confusion: Weight of each true class (row) and guessed class (column), ``(..., C, C)``.
    """
    per_class = _rates(confusion)
    total = confusion.sum(axis=(-2, -1))
    truth, guess = (ratio(confusion.sum(axis=axis), total[..., None]) for axis in (-1, -2))
    accuracy = ratio(np.trace(confusion, axis1=-2, axis2=-1), total)
    chance = (truth * guess).sum(axis=-1)
    of_truth, of_guess = (_or_zero(1 - (shares**2).sum(axis=-1)) for shares in (truth, guess))
    correlation = ratio(accuracy - chance, np.sqrt(of_truth * of_guess))
    overall = {
        "accuracy": accuracy,
        "balanced_accuracy": _mean_where_defined(per_class["recall"]),
        "f1_macro": _mean_where_defined(per_class["f1"]),
        "kappa": ratio(accuracy - chance, _or_zero(1 - chance)),
        "mcc": np.where((of_guess == 0) & (of_truth > 0), 0.0, correlation),
    }
    return Scores(overall, per_class)


def weighted_confusion(
    labels: IntArray, predicted: IntArray, num_classes: int, weights: FloatArray
) -> FloatArray:
    """Weight of each pair of true class (row) and guessed class (column), ``(..., C, C)``."""
    guessed = (predicted[:, None] == np.arange(num_classes)).astype(np.float64)  # (N, C)
    of_classes = [np.flatnonzero(labels == label) for label in range(num_classes)]
    return np.stack([weights[..., rows] @ guessed[rows] for rows in of_classes], axis=-2)


def calibration_sums(labels: IntArray, probabilities: FloatArray, weights: FloatArray) -> CalibrationSums:
    """Sums over 15 equal bins ``(m / 15, (m + 1) / 15]`` of the top probability (Guo et al., ICML 2017)."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    in_bin = _in_bin(confidence)
    return CalibrationSums(
        weight=weights @ in_bin,
        correct=weights @ (in_bin * correct[:, None]),
        confidence=weights @ (in_bin * confidence[:, None]),
    )


def _in_bin(confidence: FloatArray) -> FloatArray:
    """One-hot bins ``(N, 15)``."""
    bins = np.searchsorted(np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1], confidence, side="left")
    return (bins[:, None] == np.arange(CALIBRATION_BINS)).astype(np.float64)


def _rates(confusion: FloatArray) -> dict[str, FloatArray]:
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    count, guessed = confusion.sum(axis=-1), confusion.sum(axis=-2)
    total = count.sum(axis=-1, keepdims=True)
    negatives = total - count
    rejected = negatives - (guessed - hits)
    return {
        "recall": ratio(hits, count),
        "specificity": ratio(rejected, negatives),
        "precision": ratio(hits, guessed),
        "npv": ratio(rejected, total - guessed),
        "f1": ratio(2 * hits, count + guessed),
        "count": count,
    }


def _log_losses(labels: IntArray, probabilities: FloatArray) -> FloatArray:
    of_truth = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(of_truth, np.finfo(np.float64).eps))


def _squared_errors(labels: IntArray, probabilities: FloatArray) -> FloatArray:
    return ((probabilities - np.eye(probabilities.shape[1])[labels]) ** 2).sum(axis=1)


def _mean_where_defined(values: FloatArray) -> FloatArray:
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))


def _or_zero(values: FloatArray) -> FloatArray:
    return np.where(values > ROUNDING, values, 0.0)
