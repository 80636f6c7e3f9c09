from dataclasses import replace
from math import nan

import numpy as np
import pytest
from scipy.stats import norm

from lightning_skin.evaluation.gaps import Gap, gaps_between, with_holm
from lightning_skin.evaluation.parts import Judged, Part
from lightning_skin.evaluation.weighted import Scores

CLASSES = ("mel", "nv", "df")
GROUPS = np.array([20, 20, 20])


def judged(
    recalls: list[float], class_groups: np.ndarray = GROUPS, noise: float = 0.02, seed: int = 0
) -> Judged:
    rng = np.random.default_rng(seed)
    observed = np.array(recalls)
    resampled = observed + noise * rng.standard_normal((500, len(recalls)))
    areas = np.full(len(recalls), 0.9)
    return Judged(
        Part(np.ones(60, bool), 60, class_groups),
        Scores({}, {"recall": observed, "auroc": areas}),
        Scores({}, {"recall": resampled, "auroc": np.tile(areas, (500, 1))}),
    )


def recall_gap(*parts: Judged) -> Gap:
    found = gaps_between("sex", dict(zip(("female", "male"), parts, strict=True)), CLASSES)
    (gap,) = [gap for gap in found if gap.metric == "balanced_accuracy"]
    return gap


def test_the_higher_mean_stands_first_and_the_difference_is_positive() -> None:
    gap = recall_gap(judged([0.5, 0.6, 0.7], seed=1), judged([0.8, 0.6, 0.7], seed=2))
    assert (gap.attribute, gap.higher, gap.lower, gap.classes) == ("sex", "male", "female", CLASSES)
    assert gap.difference == pytest.approx(0.1)
    margin = 1.96 * 0.02 * np.sqrt(2 / 3)
    assert gap.interval == pytest.approx((0.1 - margin, 0.1 + margin), abs=0.006)
    assert gap.excludes_zero


def test_the_p_value_is_that_of_a_normal_difference() -> None:
    parts = judged([0.5, 0.5, 0.5], seed=1), judged([0.52, 0.53, 0.51], seed=2)
    gap = recall_gap(*parts)
    apart = (parts[0].resampled.per_class["recall"] - parts[1].resampled.per_class["recall"]).mean(axis=1)
    assert gap.p_value == pytest.approx(2 * norm.sf(0.02 / apart.std(ddof=1)))
    assert not gap.excludes_zero


def test_means_are_over_the_classes_that_neither_lacks() -> None:
    few = np.array([20, 4, 20])
    gap = recall_gap(judged([0.5, 0.0, 0.5]), judged([0.5, 1.0, nan], few, seed=1))
    assert gap.classes == ("mel",)
    assert (gap.difference, gap.p_value, gap.excludes_zero) == (0, 1, False)


def test_subgroups_without_a_common_class_are_not_compared() -> None:
    first, second = np.array([20, 0, 0]), np.array([0, 20, 20])
    parts = {"back": judged([0.5, nan, nan], first), "face": judged([nan, 0.5, 0.5], second)}
    assert gaps_between("site", parts, CLASSES) == []


def test_every_two_subgroups_are_compared() -> None:
    parts = {name: judged([0.5, 0.6, 0.7]) for name in "abc"}
    found = gaps_between("site", parts, CLASSES)
    assert [(gap.higher, gap.lower) for gap in found[::2]] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [gap.metric for gap in found] == ["balanced_accuracy", "auroc"] * 3


def test_a_difference_without_any_spread_is_as_sure_as_there_are_resamples() -> None:
    gap = recall_gap(judged([1, 1, 1], noise=0), judged([0, 0, 0], noise=0))
    assert (gap.difference, gap.p_value) == (1, 1 / 501)


def test_correction_counts_the_gaps_of_each_metric_over_all_attributes() -> None:
    blank = Gap("sex", "balanced_accuracy", "a", "b", CLASSES, 0.1, (0.0, 0.2), 0.02, 0.02, True)
    gaps = [
        blank,
        replace(blank, attribute="site", difference=0.3, p_value=0.03),
        replace(blank, metric="auroc", difference=0.2, p_value=0.04),
    ]
    found = with_holm(gaps)
    assert [(gap.difference, gap.p_holm, gap.excludes_zero) for gap in found] == [
        (0.3, 0.04, True),
        (0.2, 0.04, True),
        (0.1, 0.04, True),
    ]
    either = replace(blank, p_value=0.03)
    assert [gap.excludes_zero for gap in with_holm([either, either])] == [False, False]
