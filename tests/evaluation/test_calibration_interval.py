import numpy as np
import pytest

from lightning_skin.evaluation.calibration_interval import calibration_interval


def test_ends_equal_the_hand_computed_ones() -> None:
    # Two images, too sure by 0.4 and too modest by 0.2: D is (0.2, -0.1). Resamples of one image each
    # change it by (0.2, 0.1) and (-0.2, -0.1).
    by_bin = np.array([[0.4, 0.0], [0.0, -0.2]])
    low, high = calibration_interval(by_bin, [np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])], level=0.95)
    assert low == pytest.approx(0.3 - 0.3)
    # The upper end is that of the change of 0.2 - 0.1 in the sum with the signs of D.
    assert high == pytest.approx(0.3 + 0.95 * 0.1 + 0.0, abs=0.006)


def test_the_observed_error_is_never_outside() -> None:
    rng = np.random.default_rng(0)
    by_bin = np.eye(5)[rng.integers(5, size=100)] * rng.normal(0, 0.3, (100, 1))
    low, high = calibration_interval(
        by_bin, [rng.multinomial(100, np.full(100, 0.01), 500) * 1.0], level=0.95
    )
    assert 0 <= low <= np.abs(by_bin.mean(axis=0)).sum() <= high
