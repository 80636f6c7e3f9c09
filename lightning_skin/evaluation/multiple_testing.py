"""Several tests at once."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """P values that hold for a whole family of tests (Holm, Scandinavian Journal of Statistics 1979).

    Calling those below a level significant keeps the probability of any false call at that level, however
    the tests depend on each other.

    Args:
        p_values: Of the m tests, in [0, 1].

    Returns:
        The adjusted p values in the same order: from the smallest on, the k-th times m + 1 - k, at least as
        large as the one before and at most 1.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1)
    return adjusted.tolist()
