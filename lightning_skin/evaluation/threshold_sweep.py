"""What each threshold on a probability gives: how many are found, how many are flagged for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray

STEPS = 200
THRESHOLDS = np.arange(STEPS + 1) / STEPS
RATES = ("sensitivity", "specificity", "ppv", "npv")


@dataclass(frozen=True, eq=False)
class ThresholdSweep:
    """Images flagged at each of ``THRESHOLDS``, that is with at least this probability.

    Attributes:
        positives: Images that are of the classes looked for.
        negatives: All others.
        found: Positives flagged ``(T,)``.
        flagged: Negatives flagged ``(T,)``.
        intervals: 95 % intervals ``(T, 2)`` of each of ``RATES``; NaN where it is undefined.
    """

    positives: int
    negatives: int
    found: FloatArray
    flagged: FloatArray
    intervals: dict[str, FloatArray]

    @property
    def rates(self) -> dict[str, FloatArray]:
        """Each of ``RATES`` at each threshold ``(T,)``; NaN where it is undefined."""
        counts = np.concatenate([self.flagged, self.found])
        return _rates(counts, np.array(self.negatives), np.array(self.positives))


def sweep_thresholds(
    predictions: Predictions,
    views: Mapping[str, Sequence[str]],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, ThresholdSweep]:
    """Try every threshold on the summed probability of some classes.

    The thresholds are tried on the images that are reported, so that the best-looking one is too good by
    chance; one that is to be used has to be chosen on other images.

    Args:
        predictions: Table to judge.
        views: Classes that count as positive, by the name of the view; those without a positive or without a
            negative image are left out.
        resamples: Of whole groups, drawn as for all intervals.
        seed: Same seed, same intervals.
    """
    cells, found = {}, {}
    for name, classes in views.items():
        chosen = np.isin(np.array(predictions.class_names), list(classes))
        positive = chosen[predictions.labels]
        if 0 < positive.sum() < len(positive):
            cells[name] = _cells(predictions.probabilities[:, chosen].sum(axis=1), positive)
    draws: dict[str, list[FloatArray]] = {name: [] for name in cells}
    for weights in group_resample_weights(predictions.labels, predictions.groups, resamples, seed):
        for name, cell in cells.items():
            draws[name].append(weights @ cell)
    for name, cell in cells.items():
        counts = _from_above(np.ones(len(predictions.labels)) @ cell)
        drawn = _from_above(np.concatenate(draws[name]))
        size = len(THRESHOLDS)
        rates = _rates(drawn, drawn[:, :1], drawn[:, size : size + 1])
        found[name] = ThresholdSweep(
            positives=int(counts[size]),
            negatives=int(counts[0]),
            found=counts[size:],
            flagged=counts[:size],
            intervals={rate: _central(values) for rate, values in rates.items()},
        )
    return found


def _cells(scores: FloatArray, positive: NDArray[np.bool_]) -> csr_array:
    """One column for each largest threshold that an image reaches, negatives first ``(N, 2 T)``."""
    # The sum of float32 probabilities that should be 0.3 may fall short of it by rounding.
    reached = np.searchsorted(THRESHOLDS, scores + 1e-7, side="right") - 1
    columns = positive * len(THRESHOLDS) + reached
    rows = np.arange(len(scores))
    return csr_array((np.ones(len(scores)), (rows, columns)), shape=(len(scores), 2 * len(THRESHOLDS)))


def _from_above(counts: FloatArray) -> FloatArray:
    """From images that reach just this threshold to those that reach at least this one ``(..., 2 T)``."""
    halves = counts.reshape(*counts.shape[:-1], 2, len(THRESHOLDS))
    return halves[..., ::-1].cumsum(axis=-1)[..., ::-1].reshape(counts.shape)


def _rates(counts: FloatArray, negatives: FloatArray, positives: FloatArray) -> dict[str, FloatArray]:
    flagged, found = counts[..., : len(THRESHOLDS)], counts[..., len(THRESHOLDS) :]
    missed, spared = positives - found, negatives - flagged
    parts = {"sensitivity": (found, positives), "specificity": (spared, negatives)}
    parts |= {"ppv": (found, found + flagged), "npv": (spared, spared + missed)}
    return {
        name: np.divide(
            part, whole, out=np.full(found.shape, np.nan), where=np.broadcast_to(whole, found.shape) > 0
        )
        for name, (part, whole) in parts.items()
    }


def _central(values: FloatArray) -> FloatArray:
    ends = np.full((values.shape[1], 2), np.nan)
    defined = ~np.isnan(values)
    for column in np.flatnonzero(defined.any(axis=0)):
        ends[column] = np.quantile(values[defined[:, column], column], (0.025, 0.975))
    return ends
