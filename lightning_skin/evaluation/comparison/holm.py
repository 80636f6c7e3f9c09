"""Significance of several tests at once."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values so that comparing each with a level keeps the family-wise error below it.

    The k-th smallest of m is multiplied by m - k + 1, and none is smaller than the one before (Holm, Scand.
    J. Stat. 1979). It holds whatever the tests have to do with each other.

    Args:
        p_values: In [0, 1]; NaN where a test is undefined, which does not count as one.

    Returns:
        Adjusted p-values in [0, 1] in the same order, NaN where they were.
    """
    adjusted = np.asarray(p_values, np.float64).copy()
    order = np.argsort(adjusted)[: np.count_nonzero(~np.isnan(adjusted))]  # NaN comes last
    scaled = adjusted[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.maximum.accumulate(scaled).clip(max=1)
    return [float(value) for value in adjusted]
