import numpy as np
import pytest

from lightning_skin.evaluation.weighted import calibration_sums, weighted_scores


def test_each_row_of_weights_gives_what_it_gives_alone() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(4, size=50)
    probabilities = rng.dirichlet(np.ones(4), 50).round(1)
    weights = rng.integers(0, 3, size=(2, 3, 50)).astype(float)
    together = weighted_scores(labels, probabilities, weights)
    alone = weighted_scores(labels, probabilities, weights[1, 2])
    for name, values in together.overall.items():
        assert values[1, 2] == pytest.approx(alone.overall[name], abs=1e-12), name
    for name, values in together.per_class.items():
        np.testing.assert_allclose(values[1, 2], alone.per_class[name], atol=1e-12, err_msg=name)


def test_integer_weights_mean_repetition() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(3, size=40)
    probabilities = rng.dirichlet(np.ones(3), 40)
    counts = rng.integers(0, 4, size=40)
    weighted = weighted_scores(labels, probabilities, counts.astype(float))
    chosen = np.repeat(np.arange(40), counts)
    repeated = weighted_scores(labels[chosen], probabilities[chosen], np.ones(len(chosen)))
    for name, value in weighted.overall.items():
        assert value == pytest.approx(repeated.overall[name], abs=1e-12), name


def test_ties_count_one_half() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    labels = np.array([0, 0, 1, 0, 1])
    # Pairs of class 0 against 1: 0.9 wins twice, each 0.5 ties once and wins once: (2 + 1.5 + 1.5) / 6.
    areas = weighted_scores(labels, np.column_stack([scores, 1 - scores]), np.ones(5)).per_class["auroc"]
    assert areas == pytest.approx([5 / 6, 5 / 6])


def test_weight_zero_removes_a_class_altogether() -> None:
    labels = np.array([0, 0, 1])
    probabilities = np.array([[0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    scores = weighted_scores(labels, probabilities, np.array([0.1, 0.2, 0.0]))
    np.testing.assert_allclose(scores.per_class["recall"], [1 / 3, np.nan])
    np.testing.assert_allclose(scores.per_class["specificity"], [np.nan, 1 / 3])
    np.testing.assert_array_equal(scores.per_class["auroc"], [np.nan, np.nan])


def test_confidence_on_an_edge_falls_into_the_bin_below_it() -> None:
    probabilities = np.array([[1.0, 0.0], [0.8, 0.2], [np.nextafter(0.8, 1), 0.2]])
    sums = calibration_sums(np.zeros(3, np.int64), probabilities, np.ones(3))
    assert np.flatnonzero(sums.weight).tolist() == [11, 12, 14]
