import json
from itertools import permutations

import numpy as np
import pytest

from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.selective import risk_coverage


def two_classes(confidence: np.ndarray, wrong: np.ndarray, groups: np.ndarray | None = None) -> Predictions:
    """Images for which class 0 is guessed with some confidence, rightly or wrongly."""
    images = np.array([f"image{index}" for index in range(len(confidence))])
    probabilities = np.column_stack([confidence, 1 - np.asarray(confidence)])
    return Predictions(
        images,
        np.asarray(wrong, np.int64),
        probabilities,
        images if groups is None else groups,
        ("nv", "mel"),
    )


def noisy(rows: int, seed: int = 0, digits: int = 1) -> Predictions:
    """Two images a group, with many equal confidences."""
    rng = np.random.default_rng(seed)
    confidence = 0.5 + (rng.random(rows) / 2).round(digits)
    wrong = (rng.random(rows) > confidence).astype(int)
    return two_classes(confidence, wrong, (np.arange(rows) // 2).astype(np.str_))


def test_curve_and_area_equal_the_hand_computed_ones() -> None:
    found = risk_coverage(two_classes([0.6, 0.9, 0.7, 0.8], [0, 0, 0, 1]), seed=0, resamples=10)
    np.testing.assert_allclose(found.coverages, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.risks, [0, 1 / 2, 1 / 3, 1 / 4])
    assert found.aurc == pytest.approx((1 / 2 + 1 / 3 + 1 / 4) / 4)
    # The best order has its only mistake last.
    assert found.excess_aurc == pytest.approx(found.aurc - 1 / 16)


def test_equals_are_averaged_over_all_their_orders() -> None:
    confidence = np.array([0.9, 0.7, 0.7, 0.7, 0.6, 0.6])
    wrong = np.array([0, 1, 0, 1, 1, 0])
    orders = [
        list(order) for order in permutations(range(6)) if (np.diff(confidence[list(order)]) <= 0).all()
    ]
    risks = np.mean([np.cumsum(wrong[order]) / np.arange(1, 7) for order in orders], axis=0)
    found = risk_coverage(two_classes(confidence, wrong), seed=0, resamples=10)
    assert len(orders) == 12
    np.testing.assert_allclose(found.risks, risks)
    assert found.aurc == pytest.approx(risks.mean())


def test_order_of_the_rows_does_not_matter() -> None:
    table = noisy(40)
    shuffled = np.random.default_rng(1).permutation(40)
    again = two_classes(table.probabilities.max(axis=1)[shuffled], table.labels[shuffled])
    first, second = (risk_coverage(one, seed=0, resamples=2) for one in (table, again))
    assert first.aurc == pytest.approx(second.aurc, abs=1e-12)
    assert first.accuracy_at == pytest.approx(second.accuracy_at)


def test_accuracy_at_a_coverage_is_that_of_the_most_confident_images() -> None:
    wrong = np.array([0, 0, 0, 0, 0, 0, 1, 0, 1, 1])
    found = risk_coverage(two_classes(np.linspace(0.95, 0.55, 10), wrong), seed=0, resamples=10)
    assert found.accuracy_at == pytest.approx({0.8: 7 / 8, 0.9: 7 / 9})


def test_share_of_each_class_that_is_answered_is_told() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.7, 0.6, 0.6, 0.6])
    wrong = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
    found = risk_coverage(two_classes(confidence, wrong), seed=0, resamples=10)
    # Seven images are answered before three equals, of which one and then two are.
    assert found.answered[0.8] == pytest.approx({"nv": (5 + 1 / 3) / 6, "mel": (2 + 2 / 3) / 4})
    assert found.answered[0.9] == pytest.approx({"nv": (5 + 2 / 3) / 6, "mel": (2 + 4 / 3) / 4})


def test_an_absent_class_has_no_answered_share() -> None:
    found = risk_coverage(two_classes(np.full(5, 0.9), np.zeros(5, int)), seed=0, resamples=10)
    assert found.answered[0.8]["nv"] == pytest.approx(0.8)
    assert np.isnan(found.answered[0.8]["mel"])


def test_confidence_that_tells_nothing_leaves_the_error_rate() -> None:
    found = risk_coverage(two_classes(np.full(20, 0.7), np.arange(20) % 4 == 0), seed=0, resamples=10)
    np.testing.assert_allclose(found.risks, 0.25)
    assert found.aurc == pytest.approx(0.25)
    assert list(found.accuracy_at.values()) == pytest.approx([0.75, 0.75])


def test_best_order_has_no_excess() -> None:
    wrong = (np.arange(30) >= 20).astype(int)
    found = risk_coverage(two_classes(np.linspace(0.99, 0.55, 30), wrong), seed=0, resamples=50)
    assert found.excess_aurc == pytest.approx(0, abs=1e-12)
    assert found.intervals["excess_aurc"] == pytest.approx((0, 0), abs=1e-12)
    assert found.intervals["aurc"][0] < found.aurc < found.intervals["aurc"][1]


def test_intervals_equal_a_loop_over_the_same_resamples() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat([*"pqrs"], 15)
    # Two groups with mistakes and two without: a resample takes one of either twice, in whole numbers.
    wrong = (rng.random(60) < 0.5) & (groups < "r")
    table = two_classes(0.5 + (rng.random(60) / 2).round(1), wrong, groups)
    found = risk_coverage(table, seed=3, resamples=40)
    draws = np.concatenate(list(group_resample_weights(table.labels, table.groups, 40, seed=3)))
    values = []
    for counts in draws:
        rows = np.repeat(np.arange(60), counts.astype(int))
        one = risk_coverage(
            two_classes(table.probabilities.max(axis=1)[rows], table.labels[rows]), seed=0, resamples=1
        )
        values.append([one.aurc, one.excess_aurc, *one.accuracy_at.values()])
    expected = np.quantile(values, (0.025, 0.975), axis=0).T
    keys = ["aurc", "excess_aurc", "accuracy_at_80", "accuracy_at_90"]
    assert set(draws.ravel()) == {0, 2}
    np.testing.assert_allclose([found.intervals[key] for key in keys], expected, atol=1e-9)
    assert set(found.intervals) == set(keys)


def test_weights_that_are_no_whole_numbers_keep_the_area_of_equals_at_the_error_rate() -> None:
    uneven = two_classes(np.full(21, 0.7), np.arange(21) < 5, np.sort(np.arange(21) % 6).astype(np.str_))
    found = risk_coverage(uneven, seed=0, resamples=200)
    draws = np.concatenate(list(group_resample_weights(uneven.labels, uneven.groups, 200, seed=0)))
    assert (draws % 1).any()
    errors = draws @ uneven.labels / draws.sum(axis=1)
    assert found.intervals["aurc"] == pytest.approx(tuple(np.quantile(errors, (0.025, 0.975))))


def test_band_ends_in_the_interval_of_the_error_rate() -> None:
    table = noisy(200)
    found = risk_coverage(table, seed=0, resamples=300)
    draws = np.concatenate(list(group_resample_weights(table.labels, table.groups, 300, seed=0)))
    errors = draws @ (table.predicted != table.labels) / draws.sum(axis=1)
    coverage, low, high = found.band[-1]
    assert coverage == 1
    assert (low, high) == pytest.approx(tuple(np.quantile(errors, (0.025, 0.975))))


def test_summary_is_plain() -> None:
    document = json.loads(json.dumps(risk_coverage(noisy(20), seed=0, resamples=10).summary()))
    assert set(document) == {
        "aurc",
        "excess_aurc",
        "accuracy_at_80",
        "accuracy_at_90",
        "answered_at_80",
        "answered_at_90",
        "intervals",
    }
