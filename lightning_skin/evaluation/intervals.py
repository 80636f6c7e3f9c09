"""Intervals that say how far the metrics would move with other lesions of the same kind."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.calibration_interval import calibration_interval
from lightning_skin.evaluation.extreme_proportions import extreme_intervals
from lightning_skin.evaluation.metrics import named_scores
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import (
    FloatArray,
    IntArray,
    Scorer,
    overconfidence_by_adaptive_bin,
    overconfidence_by_bin,
)

CHUNK_ELEMENTS = 2**19  # a few temporary arrays of 4 MB each: near the cache, far from the memory limit


def bootstrap_intervals(
    predictions: Predictions, *, resamples: int = 2000, level: float = 0.95, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of every metric from resampled groups.

    Images of one lesion or patient resemble each other, so whole groups are drawn with replacement
    (cluster bootstrap: Field and Welsh, J. R. Stat. Soc. B 2007), one less than there are and with as much
    more weight, without which few groups would vary too little (Rao and Wu, JASA 1988), and each
    metric is computed anew; the interval spans the central ``level`` of the results (percentile
    method: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13). Groups are drawn
    within strata, so that no class vanishes: a group belongs to the rarest of its images' classes,
    rarity being the number of images in the table. A metric that is undefined in a resample (a class
    found only in groups of rarer classes may be absent) ignores that resample.

    Proportions observed as 0 or 1 have the exact intervals of ``extreme_intervals``, calibration errors those
    of ``calibration_interval``. Two limits: balanced accuracy and areas observed as 1 have no width, and the
    share of each class among the groups is taken as given, as a stratified split makes it.

    Args:
        predictions: Table to judge.
        resamples: Number of resamples, positive.
        level: Share of the resamples inside an interval, in (0, 1).
        seed: Same seed, same intervals.

    Returns:
        Lower and upper end for each key of ``classification_metrics`` except the counts; NaN for both
        where the metric is undefined in every resample.
    """
    scores = resampled_scores(predictions, resamples=resamples, seed=seed)
    return score_intervals(predictions, scores, level=level, seed=seed)


def score_intervals(
    predictions: Predictions, scores: Mapping[str, FloatArray], *, level: float = 0.95, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """The intervals of ``bootstrap_intervals`` from the scores of its resamples.

    Args:
        predictions: Table to judge.
        scores: From ``resampled_scores`` with the same seed.
        level: Share of the resamples inside an interval, in (0, 1).
        seed: Of the resamples.
    """
    intervals = central_intervals(scores, level=level) | extreme_intervals(predictions, level=level)
    by_bin = {
        "ece": overconfidence_by_bin(predictions.labels, predictions.probabilities),
        "ece_adaptive": overconfidence_by_adaptive_bin(predictions.labels, predictions.probabilities),
    }
    for name, overconfidence in by_bin.items():
        draws = group_resample_weights(predictions.labels, predictions.groups, len(scores[name]), seed)
        intervals[name] = calibration_interval(overconfidence, draws, level=level)
    return intervals


def resampled_scores(
    predictions: Predictions, *, resamples: int = 2000, seed: int = 0
) -> dict[str, FloatArray]:
    """Every metric in every resample of the groups, as ``bootstrap_intervals`` draws them.

    Tables of the same images get the same resamples in the same order, so that their scores can be
    subtracted.

    Returns:
        ``(resamples,)`` for each key of ``classification_metrics`` except the counts.
    """
    draws = group_resample_weights(predictions.labels, predictions.groups, resamples, seed)
    score = Scorer(predictions.labels, predictions.probabilities)
    named = [named_scores(score(weights), predictions.class_names) for weights in draws]
    return {
        name: np.concatenate([chunk[name] for chunk in named])
        for name in named[0]
        if not name.startswith("count_")
    }


def central_intervals(
    scores: Mapping[str, FloatArray], *, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """The central ``level`` of the defined values of each score; NaN for both ends where there are none."""
    tails = ((1 - level) / 2, (1 + level) / 2)
    return {name: _quantiles(values, tails) for name, values in scores.items()}


def group_resample_weights(
    labels: IntArray, groups: NDArray[np.str_], resamples: int, seed: int
) -> Iterator[FloatArray]:
    """How often each image occurs in each resample of the groups, some resamples at a time.

    Args:
        labels: True class indices ``(N,)``.
        groups: Group of each image ``(N,)``.
        resamples: Number of resamples in all.
        seed: Seed of the draws.

    Yields:
        Scaled counts ``(r, N)`` as weights, which are no whole numbers; the r add up to ``resamples``.
    """
    names, members = np.unique(groups, return_inverse=True)
    strata = _strata(labels, members)
    rng = np.random.default_rng(seed)
    rows = max(1, CHUNK_ELEMENTS // len(labels))
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        counts = np.empty((size, len(names)))
        for stratum in strata:
            counts[:, stratum] = _draw_counts(size, len(stratum), rng)
        yield counts[:, members]


def _strata(labels: IntArray, members: IntArray) -> list[IntArray]:
    """Split the groups by the rarest class among their images."""
    frequency_rank = np.bincount(labels).argsort(kind="stable").argsort(kind="stable")
    rarest = np.full(members.max() + 1, len(frequency_rank))
    np.minimum.at(rarest, members, frequency_rank[labels])
    return [np.flatnonzero(rarest == rank) for rank in np.unique(rarest)]


def _draw_counts(size: int, num_groups: int, rng: np.random.Generator) -> FloatArray:
    """Draw one group less than there are, ``size`` times over: scaled counts ``(size, num_groups)``."""
    if num_groups == 1:
        return np.ones((size, 1))
    draws = num_groups - 1
    drawn = rng.integers(num_groups, size=(size, draws)) + num_groups * np.arange(size)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=size * num_groups).reshape(size, num_groups)
    scaled: FloatArray = counts * np.float64(num_groups / draws)
    return scaled


def _quantiles(values: FloatArray, tails: tuple[float, float]) -> tuple[float, float]:
    defined = values[~np.isnan(values)]
    if len(defined) == 0:
        return (np.nan, np.nan)
    low, high = np.quantile(defined, tails)
    return (float(low), float(high))
