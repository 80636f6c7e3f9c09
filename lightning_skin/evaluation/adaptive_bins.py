"""Calibration in bins that hold equally many images."""

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.ranking import ratio

FloatArray = NDArray[np.float64]


class AdaptiveBins:
    """Images sorted by confidence, to be cut into bins of equal weight.

    Args:
        confidence: Top probability of each image ``(N,)``.
        overconfidence: By how much it exceeds what happened, 1 for a right guess and else 0 ``(N,)``.
        bins: How many.
    """

    def __init__(self, confidence: FloatArray, overconfidence: FloatArray, bins: int) -> None:
        self._order = np.argsort(confidence)
        ascending = confidence[self._order]
        self._overconfidence = overconfidence[self._order]
        self._last = np.flatnonzero(np.append(ascending[1:] > ascending[:-1], True)[: len(ascending)])
        self._edges = np.linspace(0, 1, bins + 1)

    def error(self, weights: FloatArray) -> FloatArray:
        """Mean distance of accuracy and confidence over the bins (Nguyen and O'Connor, EMNLP 2015) ``(...)``.

        Every bin takes the same weight: an image at an edge belongs to both bins by its share, and images of
        the same confidence, whose order means nothing, are spread evenly, so that repeated images count as
        often as their weight says.

        Args:
            weights: Non-negative sample weights ``(..., N)``.
        """
        shape = weights.shape[:-1]
        ordered = weights.reshape(-1, weights.shape[-1])[:, self._order]
        zero = np.zeros((len(ordered), 1))
        mass = np.hstack([zero, ordered.cumsum(axis=1)[:, self._last]])
        excess = np.hstack([zero, (ordered * self._overconfidence).cumsum(axis=1)[:, self._last]])
        total = mass[:, -1]
        at_edges = [np.interp(self._edges * row[-1], row, sums) for row, sums in zip(mass, excess, strict=True)]
        errors = np.abs(np.diff(np.reshape(at_edges, (len(ordered), len(self._edges))), axis=1)).sum(axis=1)
        return ratio(errors, total).reshape(shape)
