import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from lightning_skin.evaluation.adaptive_bins import AdaptiveBins


def guesses(rows: int, decimals: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.2, 1, rows).round(decimals)
    return confidence, rng.random(rows) < confidence**2


@pytest.mark.parametrize(("rows", "bins"), [(300, 15), (60, 3), (15, 15)])
def test_error_equals_that_of_quantile_bins_of_scikit_learn(rows: int, bins: int) -> None:
    confidence, correct = guesses(rows, 12, seed=rows)
    accuracy, mean_confidence = calibration_curve(correct, confidence, n_bins=bins, strategy="quantile")
    found = AdaptiveBins(confidence, confidence - correct, bins).error(np.ones(rows))
    assert found == pytest.approx(np.abs(accuracy - mean_confidence).mean(), abs=1e-12)


def test_an_image_at_an_edge_counts_in_both_bins() -> None:
    # Two bins of one and a half images: 0.5 + 0.1 / 2 too sure, and 0.1 / 2 + (-0.2) in the other.
    error = AdaptiveBins(np.array([0.5, 0.6, 0.8]), np.array([0.5, 0.1, -0.2]), 2).error(np.ones(3))
    assert error == pytest.approx((0.55 + 0.15) / 3)


def test_images_of_one_confidence_are_spread_whatever_their_order() -> None:
    confidence, over = np.full(4, 0.5), np.array([0.5, 0.5, -0.5, -0.5])
    # In this order, half of the images would be all too sure and the others all too modest.
    assert AdaptiveBins(confidence, over, 2).error(np.ones(4)) == pytest.approx(0)


def test_integer_weights_mean_repetition() -> None:
    confidence, correct = guesses(90, 1, seed=1)
    over, counts = confidence - correct, np.random.default_rng(2).integers(0, 4, 90)
    chosen = np.repeat(np.arange(90), counts)
    repeated = AdaptiveBins(confidence[chosen], over[chosen], 15).error(np.ones(len(chosen)))
    assert AdaptiveBins(confidence, over, 15).error(counts.astype(float)) == pytest.approx(repeated, abs=1e-12)


def test_each_row_of_weights_gives_what_it_gives_alone() -> None:
    confidence, correct = guesses(50, 2, seed=3)
    bins = AdaptiveBins(confidence, confidence - correct, 15)
    weights = np.random.default_rng(4).choice([0, 0.3, 2.0], (2, 3, 50))
    together = bins.error(weights)
    assert together.shape == (2, 3)
    assert together[1, 0] == pytest.approx(bins.error(weights[1, 0]), abs=1e-12)


def test_nothing_weighs_nothing() -> None:
    confidence = np.array([0.5, 0.7])
    assert np.isnan(AdaptiveBins(confidence, confidence, 15).error(np.zeros(2)))
    assert np.isnan(AdaptiveBins(np.empty(0), np.empty(0), 15).error(np.empty(0)))
