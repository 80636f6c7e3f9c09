"""How far apart a classifier's scores for different patients are, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import erfc, sqrt

import numpy as np

from lightning_skin.evaluation.comparison.holm import holm
from lightning_skin.evaluation.intervals import central_intervals
from lightning_skin.evaluation.parts import Judged
from lightning_skin.evaluation.weighted import FloatArray

MEANS_OF = {"balanced_accuracy": "recall", "auroc": "auroc"}
"""Metrics that are compared, and what of each class they are the mean of."""
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Gap:
    """By how much a metric of one subgroup is above that of another one.

    Subgroups hold different classes, and a mean over easy ones is higher. So both means are over the same
    classes: those that are not scarce in either.

    Attributes:
        attribute: What divides the images.
        metric: ``balanced_accuracy`` or ``auroc``.
        higher: Value of the subgroup with the higher mean.
        lower: Value of the other one.
        classes: What the means are over.
        difference: Higher less lower, at least 0.
        interval: Its 95 % interval, of this gap alone: the largest of many lies above what it would be on
            other images.
        p_value: Two-sided, of no difference: the difference in units of its bootstrap standard error, taken
            for normal (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 12), which unlike a
            share of resamples can get as small as many comparisons ask for.
        p_holm: For all gaps of this metric together, of all attributes.
        excludes_zero: Whether ``p_holm`` is below 0.05.
    """

    attribute: str
    metric: str
    higher: str
    lower: str
    classes: tuple[str, ...]
    difference: float
    interval: tuple[float, float]
    p_value: float
    p_holm: float
    excludes_zero: bool


def gaps_between(attribute: str, parts: Mapping[str, Judged], class_names: Sequence[str]) -> list[Gap]:
    """Compare every two subgroups of an attribute; p values are not yet those of all gaps together.

    Args:
        attribute: What divides the images.
        parts: The subgroups by their values, judged on the same resamples.
        class_names: The C classes.
    """
    pairs = combinations(parts.items(), 2)
    found = (_gap(attribute, metric, *pair, class_names) for pair in pairs for metric in MEANS_OF)
    return [gap for gap in found if gap is not None]


def with_holm(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Correct the p values for the number of gaps of the same metric, and sort from the largest gap on."""
    corrected = []
    for metric in MEANS_OF:
        of_metric = [gap for gap in gaps if gap.metric == metric]
        adjusted = holm([gap.p_value for gap in of_metric])
        corrected += [
            replace(gap, p_holm=p, excludes_zero=p < SIGNIFICANCE)
            for gap, p in zip(of_metric, adjusted, strict=True)
        ]
    return tuple(sorted(corrected, key=lambda gap: -gap.difference))


def _gap(
    attribute: str,
    metric: str,
    higher: tuple[str, Judged],
    lower: tuple[str, Judged],
    class_names: Sequence[str],
) -> Gap | None:
    name = MEANS_OF[metric]
    (_, first), (_, second) = higher, lower
    apart = first.observed.per_class[name] - second.observed.per_class[name]
    shared = np.flatnonzero(first.part.usable & second.part.usable & ~np.isnan(apart))
    if len(shared) == 0:
        return None
    difference = float(apart[shared].mean())
    resampled = first.resampled.per_class[name] - second.resampled.per_class[name]
    resampled = resampled[:, shared].mean(axis=1)
    if difference < 0:
        higher, lower, difference, resampled = lower, higher, -difference, -resampled
    p_value = _p_value(difference, resampled[~np.isnan(resampled)])
    return Gap(
        attribute=attribute,
        metric=metric,
        higher=higher[0],
        lower=lower[0],
        classes=tuple(class_names[index] for index in shared.tolist()),
        difference=difference,
        interval=central_intervals({metric: resampled})[metric],
        p_value=p_value,
        p_holm=p_value,
        excludes_zero=p_value < SIGNIFICANCE,
    )


def _p_value(difference: float, resampled: FloatArray) -> float:
    if difference == 0 or len(resampled) < 2:
        return 1.0
    deviation = float(resampled.std(ddof=1))
    # Without any spread, all that is known is that none of the resamples disagrees.
    return erfc(difference / deviation / sqrt(2)) if deviation > 0 else 1 / (len(resampled) + 1)
