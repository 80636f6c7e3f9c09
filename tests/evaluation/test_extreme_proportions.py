import numpy as np
import pytest
from scipy.stats import binomtest

from lightning_skin.evaluation.extreme_proportions import extreme_intervals
from lightning_skin.evaluation.predictions import Predictions


def table(labels: list[int], guesses: list[int], groups: list[str]) -> Predictions:
    images = [f"image{row}" for row in range(len(labels))]
    return Predictions(images, labels, np.eye(3)[guesses], groups, ("a", "b", "c"))


def test_ends_are_those_of_the_exact_binomial_interval_over_groups() -> None:
    # Class a: three images of two groups, all found; class b: two images of two groups, none found.
    judged = table([0, 0, 0, 1, 1], [0, 0, 0, 0, 0], ["p", "p", "q", "r", "s"])
    found = extreme_intervals(judged, level=0.9)
    exact = binomtest(2, 2).proportion_ci(0.9)
    assert found["recall_a"] == pytest.approx((exact.low, 1.0))
    assert found["recall_b"] == pytest.approx((0.0, 1 - exact.low))
    assert found["specificity_a"] == pytest.approx((0.0, 1 - exact.low))
    assert found["npv_c"] == pytest.approx((binomtest(4, 4).proportion_ci(0.9).low, 1.0))


def test_what_lies_between_and_what_is_undefined_is_left_to_the_bootstrap() -> None:
    found = extreme_intervals(table([0, 0, 1, 1], [0, 1, 1, 1], list("pqrs")), level=0.95)
    assert set(found) == {"recall_b", "precision_a", "specificity_a", "npv_b", "specificity_c", "npv_c"}
