"""Whether two classifiers rank the same images differently well."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from lightning_skin.evaluation.weighted import FloatArray, IntArray


class AurocDifference(NamedTuple):
    """Of two areas under ROC curves on the same images.

    Attributes:
        first: Area of the first classifier.
        second: Area of the second one.
        value: Second less first.
        interval: 95 % interval of the difference.
        p_value: Two-sided, of no difference.
    """

    first: float
    second: float
    value: float
    interval: tuple[float, float]
    p_value: float


def auroc_difference(
    positive: NDArray[np.bool_], first: FloatArray, second: FloatArray, groups: NDArray[np.str_]
) -> AurocDifference:
    """Compare two areas under the ROC curve on the same images (DeLong et al., Biometrics 1988).

    The area is a mean of placements, the shares of the negatives that lie below each positive, and of the
    positives above each negative, ties counting one half; its variance follows from theirs. Placements come
    from ranks in O(N log N) (Sun and Xu, IEEE Signal Process. Lett. 2014). Placements of images of one group
    are added up first, so that images of one lesion are not taken for independent (Obuchowski, Biometrics
    1997); with groups of one image each this is the test of DeLong et al.

    Args:
        positive: Which images are of the class ``(N,)``.
        first: Scores of the first classifier ``(N,)``; the larger, the more of the class.
        second: Scores of the second classifier ``(N,)``.
        groups: Lesion or patient of each image ``(N,)``.

    Returns:
        NaN throughout where nothing or everything is positive. Interval and p-value are NaN where positives
        or negatives come from fewer than two groups.
    """
    if positive.all() or not positive.any():
        return AurocDifference(np.nan, np.nan, np.nan, (np.nan, np.nan), np.nan)
    before, after = _placements(positive, first), _placements(positive, second)
    areas = float(before[positive].mean()), float(after[positive].mean())
    change = after - before
    value = float(change[positive].mean())
    error = np.sqrt(_variance(change - value, positive, groups))
    if error == 0:
        return AurocDifference(*areas, value, (value, value), float(value == 0))
    half_width = norm.ppf(0.975) * error
    p_value = float(2 * norm.sf(abs(value) / error))
    interval = (float(value - half_width), float(value + half_width))
    return AurocDifference(*areas, value, interval, p_value)


def _placements(positive: NDArray[np.bool_], scores: FloatArray) -> FloatArray:
    """Share of the other side that each image is ranked rightly against ``(N,)``."""
    ranks = rankdata(scores)
    placements = np.empty(len(scores))
    above, below = positive.sum(), (~positive).sum()
    placements[positive] = (ranks[positive] - rankdata(scores[positive])) / below
    placements[~positive] = 1 - (ranks[~positive] - rankdata(scores[~positive])) / above
    return placements


def _variance(deviations: FloatArray, positive: NDArray[np.bool_], groups: NDArray[np.str_]) -> float:
    """Variance of the mean of placements, given how far each is from it (Obuchowski 1997, eq. 5 and 6)."""
    members = np.unique(groups, return_inverse=True)[1]
    num_groups = int(members.max()) + 1
    sums, own_terms = [], 0.0
    for side in (positive, ~positive):
        of_groups = _sums(members[side], deviations[side], num_groups)
        holding = np.count_nonzero(np.bincount(members[side], minlength=num_groups))
        if holding < 2:
            return np.nan
        own_terms += holding / (holding - 1) * float(of_groups @ of_groups) / side.sum() ** 2
        sums.append(of_groups)
    mixed = num_groups / (num_groups - 1) * float(sums[0] @ sums[1]) / (positive.sum() * (~positive).sum())
    return max(own_terms + 2 * mixed, 0.0)


def _sums(members: IntArray, values: FloatArray, num_groups: int) -> FloatArray:
    return np.bincount(members, weights=values, minlength=num_groups).astype(np.float64)
