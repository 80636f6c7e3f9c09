"""Shares and means of images that come in groups, with 95 % intervals in closed form."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lightning_skin.evaluation.weighted import FloatArray, IntArray

LEVEL = 0.95


@dataclass(frozen=True)
class Share:
    """How many of some images have a property.

    Attributes:
        value: Their share in [0, 1]; NaN of no images.
        interval: Its 95 % interval; NaN for both ends of no images.
        count: Images that have the property.
        total: Images that were asked.
    """

    value: float
    interval: tuple[float, float]
    count: int
    total: int


@dataclass(frozen=True)
class Mean:
    """A mean over images.

    Attributes:
        value: The mean; NaN of no images.
        interval: Its 95 % interval; NaN for both ends of fewer than two groups.
    """

    value: float
    interval: tuple[float, float]


def clustered_share(hits: NDArray[np.bool_], groups: NDArray[np.str_]) -> Share:
    """The share of images with a property, and an interval that keeps its width at 0 and 1.

    It is Wilson's score interval (J. Am. Stat. Assoc. 1927) of the effective number of images: their number
    divided by the design effect (Rao and Scott, Biometrics 1992; Korn and Graubard, Survey Methodology
    1998), which is how many times the variance between groups exceeds that of as many independent images,
    held above 1. A share of 0 or 1 has no variance; there each group counts as one image. Of independent
    images it is Wilson's interval itself.

    Args:
        hits: Whether each image has the property ``(N,)``.
        groups: Lesion or patient of each ``(N,)``.
    """
    if len(hits) == 0:
        return Share(nan, (nan, nan), 0, 0)
    value = float(np.mean(hits))
    count = _effective_count(hits, groups)
    z = stats.norm.ppf((1 + LEVEL) / 2)
    centre = (value + z**2 / (2 * count)) / (1 + z**2 / count)
    margin = z / (1 + z**2 / count) * sqrt(value * (1 - value) / count + z**2 / (4 * count**2))
    interval = (max(0.0, float(centre - margin)), min(1.0, float(centre + margin)))
    return Share(value, interval, int(np.sum(hits)), len(hits))


def clustered_mean(values: FloatArray, groups: NDArray[np.str_]) -> Mean:
    """A mean and its t interval from the variance between groups (Liang and Zeger, Biometrika 1986).

    Args:
        values: One for each image ``(N,)``.
        groups: Lesion or patient of each ``(N,)``.
    """
    if len(values) == 0:
        return Mean(nan, (nan, nan))
    value = float(np.mean(values))
    members = np.unique(groups, return_inverse=True)[1]
    num_groups = int(members.max()) + 1
    if num_groups == 1:
        return Mean(value, (nan, nan))
    margin = _quantile(num_groups) * sqrt(_variance(values, members))
    return Mean(value, (value - margin, value + margin))


def _effective_count(hits: NDArray[np.bool_], groups: NDArray[np.str_]) -> float:
    """Independent images that would tell as much as these."""
    members = np.unique(groups, return_inverse=True)[1]
    num_images, num_groups, value = len(hits), int(members.max()) + 1, float(np.mean(hits))
    if num_groups == 1 or value in (0, 1):
        return num_groups
    independent = value * (1 - value) / (num_images - 1)
    design_effect = max(1.0, _variance(hits.astype(np.float64), members) / independent)
    # The variance of few groups is itself uncertain (Korn and Graubard's adjustment).
    return num_images / design_effect * (_quantile(num_images) / _quantile(num_groups)) ** 2


def _variance(values: FloatArray, members: IntArray) -> float:
    """Variance of the mean, from how far the sums of the groups lie from what the mean expects of them."""
    excess = np.bincount(members, values - values.mean())
    return float(len(excess) / (len(excess) - 1) * np.sum(excess**2) / len(values) ** 2)


def _quantile(count: int) -> float:
    return float(stats.t.ppf((1 + LEVEL) / 2, count - 1))
