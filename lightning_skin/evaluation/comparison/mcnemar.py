"""Whether two classifiers are right on the same images equally often."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, chi2

from lightning_skin.evaluation.weighted import FloatArray


class McNemar(NamedTuple):
    """How often each of two classifiers alone is right, and whether that is chance.

    Attributes:
        both_right: Images.
        only_first: Images that only the first classifier gets right.
        only_second: Images that only the second one gets right.
        both_wrong: Images.
        exact: Two-sided p-value of the exact test, which is never too small for independent images.
        mid_p: The same with half the probability of what was seen, which is nearer to its level.
        grouped: p-value that does not take images of one group for independent.
    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    exact: float
    mid_p: float
    grouped: float


def mcnemar(
    first_right: NDArray[np.bool_], second_right: NDArray[np.bool_], groups: NDArray[np.str_]
) -> McNemar:
    """Test whether two classifiers have the same accuracy, by the images that one of them alone gets right.

    Exact and mid-p: Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 2013. Grouped: Obuchowski, Stat.
    Med. 1998, in the form of Yang, Sun and Hardin, Biom. J. 2010, which for single images is the chi-squared
    test of McNemar (Psychometrika 1947) times (K - 1) / K, K groups.

    Args:
        first_right: Where the first classifier is right ``(N,)``.
        second_right: Where the second one is right ``(N,)``.
        groups: Lesion or patient of each image ``(N,)``.
    """
    only_first, only_second = first_right & ~second_right, second_right & ~first_right
    fewer, more = sorted((int(only_first.sum()), int(only_second.sum())))
    tail, point = (float(law(fewer, fewer + more, 0.5)) for law in (binom.cdf, binom.pmf))
    members = np.unique(groups, return_inverse=True)[1]
    change = only_second.astype(np.float64) - only_first
    of_groups = np.bincount(members, weights=change).astype(np.float64)
    return McNemar(
        both_right=int((first_right & second_right).sum()),
        only_first=int(only_first.sum()),
        only_second=int(only_second.sum()),
        both_wrong=int((~first_right & ~second_right).sum()),
        exact=min(2 * tail, 1.0),
        mid_p=1 - point / 2 if fewer == more > 0 else 2 * tail - point,
        grouped=_grouped(of_groups),
    )


def _grouped(differences: FloatArray) -> float:
    squares = float(differences @ differences)
    if squares == 0:
        return 1.0
    shrunk = (len(differences) - 1) / len(differences)
    return float(chi2.sf(shrunk * float(differences.sum()) ** 2 / squares, df=1))
