"""Curves of one class against all others: what a threshold on its probability would give."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.weighted import FloatArray


class Points(NamedTuple):
    """Points of a curve in the unit square ``(P,)``, x not falling."""

    x: FloatArray
    y: FloatArray


def roc_curve(scores: FloatArray, positive: NDArray[np.bool_]) -> Points | None:
    """Share of the positives found (y) against share of the negatives flagged (x), from (0, 0) to (1, 1).

    Args:
        scores: The larger, the more likely positive ``(N,)``.
        positive: True for the images that are positive ``(N,)``.

    Returns:
        One point for each distinct score, joined by straight lines; ``None`` where all images are positive
        or none is.
    """
    found, flagged = _cumulative(scores, positive)
    if found[-1] == 0 or flagged[-1] == 0:
        return None
    return Points(np.append(0.0, flagged / flagged[-1]), np.append(0.0, found / found[-1]))


def precision_recall_curve(scores: FloatArray, positive: NDArray[np.bool_]) -> Points | None:
    """Precision (y) against recall (x) as the corners of steps, whose area is the average precision.

    Straight lines between the points would promise too much (Davis and Goadrich, ICML 2006); each precision
    holds back to the recall before it.

    Args:
        scores: The larger, the more likely positive ``(N,)``.
        positive: True for the images that are positive ``(N,)``.

    Returns:
        The corners, from recall 0 to 1; ``None`` where no image is positive.
    """
    found, flagged = _cumulative(scores, positive)
    if found[-1] == 0:
        return None
    recall, precision = found / found[-1], found / (found + flagged)
    return Points(np.append(0.0, np.repeat(recall, 2)[:-1]), np.repeat(precision, 2))


def thinned(curve: Points, limit: int) -> Points:
    """About ``limit`` points of a curve, evenly spaced along it; its ends stay.

    Args:
        curve: What is left out lies within the length of the curve over ``limit`` of a point that is not; a
            ROC curve is at most 2 long.
        limit: At least 2; one point more may stay.
    """
    if len(curve.x) <= limit:
        return curve
    steps = np.abs(np.diff(curve.x)) + np.abs(np.diff(curve.y))
    along = np.append(0.0, np.cumsum(steps))
    kept = np.searchsorted(along, np.linspace(0, along[-1], limit))
    kept = np.unique(np.append(kept, len(along) - 1))
    return Points(curve.x[kept], curve.y[kept])


def _cumulative(scores: FloatArray, positive: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Positives and negatives at or above each distinct score, from the largest on."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = np.cumsum(positive[order], dtype=np.float64)[last]
    return found, (last + 1) - found
