from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from torchmetrics.functional import classification as torch_reference

from lightning_skin.evaluation.ranking import (
    Curve,
    Ranking,
    auroc,
    average_precision,
    partial_auc,
    sensitivity_at,
    specificity_at,
)

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
Measure = Callable[[Curve], np.ndarray]

MEASURES: list[Measure] = [
    auroc,
    average_precision,
    lambda curve: partial_auc(curve, 0.8),
    lambda curve: sensitivity_at(curve, 0.9),
    lambda curve: specificity_at(curve, 0.9),
]


def scored(rows: int, decimals: int, seed: int) -> Case:
    """Scores with ties where they have few decimals, what is positive, and weights."""
    rng = np.random.default_rng(seed)
    positive = rng.random(rows) < 0.3
    scores = (rng.normal(size=rows) + positive).round(decimals)
    return scores, positive, rng.choice([0.25, 1.0, 3.0], rows)


@pytest.fixture(params=[(200, 8), (200, 1), (200, 0), (31, 1), (1000, 2)])
def case(request: pytest.FixtureRequest) -> Case:
    return scored(*request.param, seed=request.param[0])


def by_threshold(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> list[tuple[float, float]]:
    """Sensitivity and specificity at every threshold, counted one by one."""
    points = []
    for threshold in [*np.unique(scores), np.inf]:
        called = scores >= threshold
        points.append(
            (
                weights[positive & called].sum() / weights[positive].sum(),
                weights[~positive & ~called].sum() / weights[~positive].sum(),
            )
        )
    return points


def test_areas_equal_those_of_scikit_learn(case: Case) -> None:
    scores, positive, weights = case
    curve = Ranking(scores, positive).curve(weights)
    assert auroc(curve) == pytest.approx(
        reference.roc_auc_score(positive, scores, sample_weight=weights), abs=1e-12
    )
    assert average_precision(curve) == pytest.approx(
        reference.average_precision_score(positive, scores, sample_weight=weights), abs=1e-12
    )


@pytest.mark.parametrize("min_tpr", [0.0, 0.5, 0.8, 0.99])
def test_partial_auc_equals_the_flipped_one_of_scikit_learn(case: Case, min_tpr: float) -> None:
    scores, positive, weights = case
    width = 1 - min_tpr
    # Area over false-positive rates up to width, of the benign ranked by how benign they look; McClish's
    # standardisation, (1 + (area - width^2 / 2) / (width - width^2 / 2)) / 2, is undone.
    standardised = reference.roc_auc_score(~positive, -scores, max_fpr=width, sample_weight=weights)
    expected = {True: standardised, False: (2 * standardised - 1) * (width - width**2 / 2) + width**2 / 2}
    found = partial_auc(Ranking(scores, positive).curve(weights), min_tpr)
    assert found == pytest.approx(expected[width == 1], abs=1e-9)


def test_partial_auc_equals_the_area_under_the_drawn_curve(case: Case) -> None:
    scores, positive, _ = case
    false_positives, true_positives, _ = reference.roc_curve(positive, scores)
    fine = np.linspace(0, 1, 200001)
    # Where the curve rises straight up it has several true-positive rates, which no mean over a grid notices.
    above = np.maximum(np.interp(fine, false_positives, true_positives) - 0.8, 0)
    found = partial_auc(Ranking(scores, positive).curve(np.ones(len(scores))), 0.8)
    assert found == pytest.approx(above.mean(), abs=2e-5)


def test_partial_auc_spans_the_range_of_isic_2024() -> None:
    positive = np.array([True] * 5 + [False] * 15)
    perfect, blind, inverted = (
        partial_auc(Ranking(scores, positive).curve(np.ones(20)), 0.8)
        for scores in (positive.astype(float), np.zeros(20), -positive.astype(float))
    )
    assert (perfect, blind, inverted) == pytest.approx((0.2, 0.02, 0.0))


def test_partial_auc_equals_the_hand_computed_one() -> None:
    # Five positives, ranked above 2, 4, 4, 4 and 4 of four negatives: only the lowest lies within the
    # last fifth of the true-positive rates, so that the area is a fifth of a half.
    scores = np.array([2.5, 5, 6, 7, 8, 1, 2, 3, 4])
    positive = np.arange(9) < 5
    curve = Ranking(scores, positive).curve(np.ones(9))
    assert partial_auc(curve, 0.8) == pytest.approx(0.2 * 0.5)
    assert partial_auc(curve, 0.7) == pytest.approx(0.2 * 0.5 + 0.1)


def test_operating_points_are_the_best_of_all_thresholds(case: Case) -> None:
    scores, positive, weights = case
    curve = Ranking(scores, positive).curve(weights)
    points = by_threshold(scores, positive, weights)
    for target in (0.5, 0.9, 0.95, 1.0):
        sensitivities = [one for one, specificity in points if specificity >= target - 1e-9]
        specificities = [one for sensitivity, one in points if sensitivity >= target - 1e-9]
        assert sensitivity_at(curve, target) == pytest.approx(max(sensitivities)), target
        assert specificity_at(curve, target) == pytest.approx(max(specificities)), target


def test_operating_points_equal_those_of_torchmetrics() -> None:
    scores, positive, _ = scored(500, 8, seed=3)
    probabilities = torch.tensor(1 / (1 + np.exp(-scores)))
    curve = Ranking(scores, positive).curve(np.ones(500))
    targets = torch.tensor(positive.astype(int))
    sensitivity, _ = torch_reference.binary_sensitivity_at_specificity(probabilities, targets, 0.9)
    specificity, _ = torch_reference.binary_specificity_at_sensitivity(probabilities, targets, 0.9)
    assert sensitivity_at(curve, 0.9) == pytest.approx(sensitivity.item(), abs=1e-6)
    assert specificity_at(curve, 0.9) == pytest.approx(specificity.item(), abs=1e-6)


def test_a_rate_that_is_met_exactly_counts_as_reached() -> None:
    scores, positive = np.arange(40.0), np.arange(40) >= 20
    scores[[20, 19]] = 18.5, 30.5  # of twenty benign images one is above the lowest malignant ones
    curve = Ranking(scores, positive).curve(np.ones(40))
    assert sensitivity_at(curve, 0.95) == 1.0
    assert specificity_at(curve, 0.95) == 0.95


def test_nothing_is_as_specific_as_the_highest_score_of_a_negative_demands() -> None:
    scores, positive = np.array([1.0, 2.0, 3.0]), np.array([True, True, False])
    assert sensitivity_at(Ranking(scores, positive).curve(np.ones(3)), 0.5) == 0.0


@pytest.mark.parametrize("measure", MEASURES)
def test_each_row_of_weights_gives_what_it_gives_alone(measure: Measure) -> None:
    scores, positive, _ = scored(60, 1, seed=5)
    ranking = Ranking(scores, positive)
    weights = np.random.default_rng(0).integers(0, 3, (2, 3, 60)).astype(float)
    together = measure(ranking.curve(weights))
    assert together.shape == (2, 3)
    assert together[1, 2] == pytest.approx(measure(ranking.curve(weights[1, 2])), abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_integer_weights_mean_repetition(measure: Measure) -> None:
    scores, positive, _ = scored(80, 1, seed=6)
    counts = np.random.default_rng(1).integers(0, 4, 80)
    chosen = np.repeat(np.arange(80), counts)
    repeated = Ranking(scores[chosen], positive[chosen]).curve(np.ones(len(chosen)))
    weighted = Ranking(scores, positive).curve(counts.astype(float))
    assert measure(weighted) == pytest.approx(measure(repeated), abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_to_find_is_undefined(measure: Measure) -> None:
    curve = Ranking(np.arange(4.0), np.zeros(4, bool)).curve(np.ones((2, 4)))
    np.testing.assert_array_equal(measure(curve), [np.nan, np.nan])


def test_without_negatives_only_precision_is_defined() -> None:
    curve = Ranking(np.arange(4.0), np.ones(4, bool)).curve(np.ones(4))
    assert [float(measure(curve)) for measure in MEASURES] == pytest.approx(
        [np.nan, 1.0, np.nan, np.nan, np.nan], nan_ok=True
    )
