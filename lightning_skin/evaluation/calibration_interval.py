"""The interval of the calibration error, which a percentile interval of resamples misses."""

from collections.abc import Iterable

import numpy as np

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray, overconfidence_by_bin


def calibration_interval(
    predictions: Predictions, resamples: Iterable[FloatArray], *, level: float
) -> tuple[float, float]:
    """Ends between which the expected calibration error of ever more images lies.

    As a sum of absolute values, the error of a sample is too large, and that of its resamples even more: for
    a calibrated classifier, all of their errors may exceed both the truth and the observed one. What is
    resampled without bias is the sum in each bin. With D its value, of the sample and ``*`` of a resample,
    the triangle inequality gives the lower end, ``sum |D| - q(sum |D* - D|)``, at least 0, and
    convexity the upper one, ``sum |D| + q(sum sign(D) (D - D*))``; ``q`` is the upper quantile. Both hold
    whether bins are calibrated or not, at the price of a lower end further away than
    needed where all are far from it.

    Args:
        predictions: Table to judge.
        resamples: Sample weights ``(r, N)`` of resamples, some at a time.
        level: Least probability that the ends enclose the truth, in (0, 1).
    """
    by_bin = overconfidence_by_bin(predictions.labels, predictions.probabilities)  # (N, 15)
    observed = by_bin.mean(axis=0)
    changes: FloatArray = np.concatenate(
        [weights @ by_bin / weights.sum(axis=1, keepdims=True) - observed for weights in resamples]
    )
    error, tail = np.abs(observed).sum(), (1 + level) / 2
    below = np.quantile(np.abs(changes).sum(axis=1), tail)
    above = np.quantile(-changes @ np.sign(observed), tail)
    return (float(max(0, error - below)), float(error + max(0, above)))
