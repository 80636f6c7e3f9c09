"""The scores of contenders on the same resamples of the same groups."""

from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.comparison.contender import Contender
from lightning_skin.evaluation.intervals import central_intervals, resampled_scores
from lightning_skin.evaluation.weighted import FloatArray


class Difference(NamedTuple):
    """Of one metric between two contenders.

    Attributes:
        value: Second less first.
        interval: 95 % interval of the paired difference.
        p_value: Two-sided, of no difference; no smaller than 2 / (resamples + 1).
    """

    value: float
    interval: tuple[float, float]
    p_value: float


def contender_scores(contender: Contender, *, seed: int, stream: int) -> dict[str, FloatArray]:
    """Every metric in every resample of the groups; those of other contenders are of the same resamples.

    Of several seeds the mean counts, which stands for the configuration, not for a network. Other seeds would
    have moved it too: in each resample K - 1 of the K seeds are drawn with replacement, whose mean varies by
    the variance of the mean of K (Rao and Wu, J. Am. Stat. Assoc. 1988). Groups and seeds are drawn
    independently of each other (Owen, Ann. Appl. Stat. 2007), which errs on the wide side.

    Args:
        contender: With its groups.
        seed: Of the resamples of the groups.
        stream: Tells the draws of seeds of one contender from those of another.

    Returns:
        ``(resamples,)`` for each key of ``classification_metrics`` except the counts.
    """
    of_tables = [resampled_scores(table, seed=seed) for table in contender.tables]
    if len(of_tables) == 1:
        return of_tables[0]
    repeats, resamples = len(of_tables), len(next(iter(of_tables[0].values())))
    drawn = np.random.default_rng([seed, stream]).integers(repeats, size=(repeats - 1, resamples))
    return {
        name: np.take_along_axis(np.stack([scores[name] for scores in of_tables]), drawn, axis=0).mean(axis=0)
        for name in of_tables[0]
    }


def difference(value: float, changes: FloatArray) -> Difference:
    """Judge a difference by its resamples.

    The p-value is the smallest level whose percentile interval excludes 0 (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, ch. 15), counting the observed table among the resamples, as Davison
    and Hinkley, Bootstrap Methods and their Application, 1997, ch. 4, do.

    Args:
        value: Observed.
        changes: The difference in each resample; NaN where it is undefined.
    """
    (interval,) = central_intervals({"": changes}).values()
    defined = changes[~np.isnan(changes)]
    if len(defined) == 0 or np.isnan(value):
        return Difference(value, interval, np.nan)
    tail = min(int((defined <= 0).sum()), int((defined >= 0).sum()))
    return Difference(value, interval, min(2 * (tail + 1) / (len(defined) + 1), 1.0))
