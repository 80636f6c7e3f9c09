"""One class against all others by a score, under sample weights: areas under curves, operating points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

ROUNDING = 1e-9
"""By how much a rate may miss its target, since shares of weights are rounded."""


class Curve(NamedTuple):
    """The ROC curve under each set of weights, at each score that a positive has, ascending (T of them).

    Attributes:
        positives: Weight of the positives with that score ``(..., T)``.
        missed: Weight of the positives below it ``(..., T)``.
        rejected: Weight of the negatives below it ``(..., T)``.
        rejected_or_tied: Weight of the negatives that are not above it ``(..., T)``.
        all_positives: Weight of all positives ``(...)``.
        all_negatives: Weight of all negatives ``(...)``.
    """

    positives: FloatArray
    missed: FloatArray
    rejected: FloatArray
    rejected_or_tied: FloatArray
    all_positives: FloatArray
    all_negatives: FloatArray


class Ranking:
    """Scores of positives and negatives, sorted once for any number of weights.

    Args:
        scores: The larger, the surer to be positive ``(N,)``.
        positive: What is positive ``(N,)``.
    """

    def __init__(self, scores: FloatArray, positive: NDArray[np.bool_]) -> None:
        self._positives, self._negatives = (_by_score(scores, rows) for rows in (positive, ~positive))
        of_positives, of_negatives = scores[self._positives], scores[self._negatives]
        thresholds = np.unique(of_positives)
        self._first, self._end = _bounds(of_positives, thresholds)
        self._below, self._through = _bounds(of_negatives, thresholds)
        self._ties = not np.array_equal(self._below, self._through)

    def curve(self, weights: FloatArray) -> Curve:
        """The curve under non-negative weights ``(..., N)``; zero leaves a sample out."""
        positives = _running_sums(weights, self._positives)
        negatives = _running_sums(weights, self._negatives)
        missed, rejected = positives[..., self._first], negatives[..., self._below]
        return Curve(
            positives=positives[..., self._end] - missed,
            missed=missed,
            rejected=rejected,
            rejected_or_tied=negatives[..., self._through] if self._ties else rejected,
            all_positives=positives[..., -1],
            all_negatives=negatives[..., -1],
        )


def auroc(curve: Curve) -> FloatArray:
    """Area under the ROC curve ``(...)``; NaN without positives or negatives.

    It is the weight of the pairs that are ranked rightly, ties counting one half, over that of all pairs
    (Hanley and McNeil, Radiology 1982).
    """
    ranked = (curve.positives * (curve.rejected + curve.rejected_or_tied)).sum(axis=-1) / 2
    return ratio(ranked, curve.all_positives * curve.all_negatives)


def average_precision(curve: Curve) -> FloatArray:
    """Precision at the score of each positive, averaged ``(...)``; NaN without positives.

    As scikit-learn does, without interpolation, which flatters (Davis and Goadrich, ICML 2006). A score that
    knows nothing has the share of the positives.
    """
    hits = curve.all_positives[..., None] - curve.missed
    guessed = hits + curve.all_negatives[..., None] - curve.rejected
    precision = np.divide(hits, guessed, out=np.zeros_like(hits), where=guessed > 0)
    return ratio((curve.positives * precision).sum(axis=-1), curve.all_positives)


def partial_auc(curve: Curve, min_tpr: float) -> FloatArray:
    """Area under the ROC curve that lies above a true-positive rate, in [0, 1 - min_tpr] ``(...)``.

    As ISIC 2024 scores with ``min_tpr`` of 0.80; a score that knows nothing has ``(1 - min_tpr) ** 2 / 2``.
    NaN without positives or negatives.
    """
    # Of the positives with each score, those that are among the lowest that may be missed. Within ties the
    # curve is a straight line, along which as large a part of the tied negatives has been passed.
    width = np.clip((1 - min_tpr) * curve.all_positives[..., None] - curve.missed, 0, curve.positives)
    part = np.divide(width, curve.positives, out=np.zeros_like(width), where=curve.positives > 0)
    height = curve.rejected + part / 2 * (curve.rejected_or_tied - curve.rejected)
    return ratio((width * height).sum(axis=-1), curve.all_positives * curve.all_negatives)


def sensitivity_at(curve: Curve, specificity: float) -> FloatArray:
    """Largest sensitivity of a threshold of at least a specificity ``(...)``, without interpolation.

    0 where only the threshold above all scores is specific enough; NaN without positives or negatives.
    """
    found = ratio(curve.all_positives[..., None] - curve.missed, curve.all_positives[..., None])
    reached = curve.rejected >= (specificity - ROUNDING) * curve.all_negatives[..., None]
    return _best(found, reached, curve)


def specificity_at(curve: Curve, sensitivity: float) -> FloatArray:
    """Largest specificity of a threshold of at least a sensitivity ``(...)``, without interpolation.

    NaN without positives or negatives.
    """
    found = ratio(curve.rejected, curve.all_negatives[..., None])
    hits = curve.all_positives[..., None] - curve.missed
    reached = hits >= (sensitivity - ROUNDING) * curve.all_positives[..., None]
    return _best(found, reached, curve)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """``part / whole``, NaN where ``whole`` is not positive; both are broadcast."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _by_score(scores: FloatArray, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    found = np.flatnonzero(rows)
    return found[np.argsort(scores[found])]


def _bounds(
    ascending: FloatArray, thresholds: FloatArray
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many of the scores are below each threshold, and how many are not above it."""
    below, through = (np.searchsorted(ascending, thresholds, side=side) for side in ("left", "right"))
    return below, through


def _running_sums(weights: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
    """Weight of the first 0, 1, ... of the rows ``(..., len(rows) + 1)``."""
    sums = np.zeros((*weights.shape[:-1], len(rows) + 1))
    np.cumsum(weights[..., rows], axis=-1, out=sums[..., 1:])
    return sums


def _best(found: FloatArray, reached: NDArray[np.bool_], curve: Curve) -> FloatArray:
    best = np.where(reached, found, 0).max(axis=-1, initial=0)
    defined = (curve.all_positives > 0) & (curve.all_negatives > 0)
    return np.where(defined, best, np.nan)
