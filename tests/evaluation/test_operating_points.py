import json
from dataclasses import asdict

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.malignancy import malignant_probability
from lightning_skin.evaluation.operating_points import Target, choose_threshold, decide, operating_points
from lightning_skin.evaluation.predictions import Predictions

MALIGNANT = ("mel", "bcc")


def table(scores: list[float], positive: list[int]) -> Predictions:
    """Images of a probability of malignancy, half of it melanoma, half basal cell carcinoma."""
    images = np.array([f"image{index}" for index in range(len(scores))])
    scores = np.array(scores)
    probabilities = np.column_stack([scores / 2, 1 - scores, scores / 2])
    labels = np.where(np.array(positive) == 1, 2 * (np.arange(len(scores)) % 2), 1)
    return Predictions(images, labels, probabilities, images, ("mel", "nv", "bcc"))


# Malignant: 0.875, 0.75, 0.5, 0.25; benign: 0.625, 0.5, 0.375, 0.125, 0.0625.
SCORES = [0.875, 0.75, 0.625, 0.5, 0.5, 0.375, 0.25, 0.125, 0.0625]
POSITIVE = [1, 1, 0, 1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("target", "threshold"),
    [
        (Target("sensitivity", 1.0), 0.25),
        (Target("sensitivity", 0.75), 0.5),
        (Target("sensitivity", 0.7), 0.5),
        (Target("sensitivity", 0.5), 0.75),
        (Target("specificity", 1.0), 0.75),
        (Target("specificity", 0.8), 0.625),
        (Target("specificity", 0.6), 0.5),
        (Target("specificity", 0.2), 0.125),
        # Misses and alarms: none at 0.25 (0, 3), at 0.5 (1, 2), at 0.75 (2, 0).
        (Target("miss_cost", 4), 0.25),
        (Target("miss_cost", 1.25), 0.75),
    ],
)
def test_threshold_is_the_best_that_reaches_the_target(target: Target, threshold: float) -> None:
    assert choose_threshold(table(SCORES, POSITIVE), MALIGNANT, target) == threshold


@pytest.mark.parametrize("kind", ["sensitivity", "specificity"])
@pytest.mark.parametrize("value", [0.3, 0.5, 0.9, 0.95, 1.0])
def test_no_other_threshold_reaches_the_target_with_more_of_the_other(kind: str, value: float) -> None:
    rng = np.random.default_rng(0)
    val = table((rng.random(60).round(2)).tolist(), rng.integers(2, size=60).tolist())
    other = {"sensitivity": "specificity", "specificity": "sensitivity"}[kind]
    chosen = decide(val, MALIGNANT, choose_threshold(val, MALIGNANT, Target(kind, value)))
    every = [decide(val, MALIGNANT, threshold) for threshold in np.linspace(-0.005, 1.005, 102)]
    assert getattr(chosen, kind).value >= value
    reaching = [getattr(one, other).value for one in every if getattr(one, kind).value >= value]
    assert getattr(chosen, other).value == max(reaching)


def test_cost_is_the_least_on_the_validation_images() -> None:
    rng = np.random.default_rng(0)
    positive = rng.integers(2, size=80)
    val = table((0.6 * rng.random(80) + 0.3 * positive).tolist(), positive.tolist())

    def cost(threshold: float) -> float:
        found = decide(val, MALIGNANT, threshold)
        missed = found.sensitivity.total - found.sensitivity.count
        return 5 * missed + found.specificity.total - found.specificity.count

    chosen = choose_threshold(val, MALIGNANT, Target("miss_cost", 5))
    assert cost(chosen) == min(cost(threshold) for threshold in [*malignant_probability(val, MALIGNANT), 2])


def test_specificity_that_no_malignant_image_survives_calls_nothing_malignant() -> None:
    val = table([1.0, 0.5, 0.25], [0, 1, 1])
    found = decide(val, MALIGNANT, choose_threshold(val, MALIGNANT, Target("specificity", 1.0)))
    assert (found.flagged.count, found.sensitivity.value, found.specificity.value) == (0, 0, 1)
    assert np.isnan(found.ppv.value)


def test_decisions_are_counted() -> None:
    found = decide(table(SCORES, POSITIVE), MALIGNANT, 0.5)
    counts = {name: (share["count"], share["total"]) for name, share in asdict(found).items()}
    assert counts == {
        "sensitivity": (3, 4),
        "specificity": (3, 5),
        "ppv": (3, 5),
        "npv": (3, 4),
        "flagged": (5, 9),
    }


def test_threshold_of_validation_images_is_frozen_for_the_test() -> None:
    val, test = table(SCORES, POSITIVE), table([0.5, 0.375, 0.25, 0.75], [1, 1, 0, 0])
    (point,) = operating_points(val, test, MALIGNANT, [Target("sensitivity", 0.75)])
    assert (point.name, point.title, point.threshold) == ("sensitivity_75", "sensitivity ≥ 75 %", 0.5)
    assert point.val == decide(val, MALIGNANT, 0.5)
    assert point.test == decide(test, MALIGNANT, 0.5)
    assert (point.test.sensitivity.count, point.test.specificity.count) == (1, 1)
    assert json.loads(json.dumps(asdict(point)))["test"]["ppv"]["total"] == 2


@pytest.mark.parametrize("positive", [0, 1])
def test_validation_images_of_one_kind_are_refused(positive: int) -> None:
    val = table([0.5, 0.25], [positive, positive])
    with pytest.raises(InputError, match=rf"{2 * positive} of 2 validation images are malignant"):
        operating_points(val, table(SCORES, POSITIVE), MALIGNANT, [Target("sensitivity", 0.9)])


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("sensitivity", 95, r"sensitivity is 95, expected a number in \(0, 1\]"),
        ("specificity", 0, r"specificity is 0, expected a number in \(0, 1\]"),
        ("miss_cost", -1, r"miss_cost is -1, expected a positive number"),
        ("miss_cost", float("inf"), r"miss_cost is inf, expected a positive number"),
    ],
)
def test_target_out_of_range_is_refused(kind: str, value: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Target(kind, value)
