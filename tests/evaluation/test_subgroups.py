from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.intervals import bootstrap_intervals
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.subgroups import Subgroup, SubgroupReport, subgroups

CLASSES = ("mel", "nv", "df")


def table(labels: np.ndarray, predicted: np.ndarray, attributes: Mapping[str, np.ndarray]) -> Predictions:
    """Each image of a lesion of its own, and each guess made with 0.8."""
    images = np.array([f"image{index}" for index in range(len(labels))])
    probabilities = np.full((len(labels), len(CLASSES)), 0.1)
    probabilities[np.arange(len(labels)), predicted] = 0.8
    return Predictions(images, labels, probabilities, images, CLASSES, None, dict(attributes))


def noisy(labels: np.ndarray, share_right: np.ndarray, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    wrong = (labels + rng.integers(1, len(CLASSES), len(labels))) % len(CLASSES)
    return np.where(rng.random(len(labels)) < share_right, labels, wrong)


def by_value(report: SubgroupReport) -> dict[str, Subgroup]:
    return {subgroup.value: subgroup for subgroup in report.subgroups}


@pytest.fixture(scope="module")
def two_sexes() -> Predictions:
    labels = np.arange(240) % 3
    sex = np.where(np.arange(240) < 150, "female", "male")
    return table(labels, noisy(labels, np.where(sex == "female", 0.9, 0.6)), {"sex": sex})


@pytest.fixture(scope="module")
def report(two_sexes: Predictions) -> SubgroupReport:
    return subgroups(two_sexes, None, min_images=30, seed=0, resamples=500)


def test_metrics_are_those_of_the_images_of_the_subgroup(
    two_sexes: Predictions, report: SubgroupReport
) -> None:
    rows = two_sexes.attributes["sex"] == "male"
    expected = classification_metrics(two_sexes.labels[rows], two_sexes.probabilities[rows], CLASSES)
    male = by_value(report)["male"]
    assert male.metrics == pytest.approx(expected)
    assert (male.attribute, male.n, male.groups, male.too_small) == ("sex", 90, 90, False)
    assert (male.absent, male.scarce) == ((), ())


def test_intervals_are_as_wide_as_those_of_its_images_alone(
    two_sexes: Predictions, report: SubgroupReport
) -> None:
    alone = two_sexes.subset(two_sexes.attributes["sex"] == "male")
    expected = bootstrap_intervals(alone, resamples=500)
    found = by_value(report)["male"].intervals
    assert set(found) == set(expected)
    for name in ("balanced_accuracy", "accuracy", "recall_mel", "nll"):
        assert found[name] == pytest.approx(expected[name], abs=0.04), name


def test_a_subgroup_of_all_images_has_the_intervals_of_all(two_sexes: Predictions) -> None:
    one = replace(two_sexes, attributes={"source": np.full(240, "clinic")})
    (found,) = subgroups(one, ["source"], min_images=30, seed=4, resamples=50).subgroups
    assert found.intervals == bootstrap_intervals(one, resamples=50, seed=4)


def test_a_true_gap_is_found_with_its_direction(report: SubgroupReport) -> None:
    (gap,) = [one for one in report.largest_gaps() if one.metric == "balanced_accuracy"]
    female, male = (by_value(report)[name].metrics["balanced_accuracy"] for name in ("female", "male"))
    assert (gap.attribute, gap.higher, gap.lower, gap.classes) == ("sex", "female", "male", CLASSES)
    assert gap.difference == pytest.approx(female - male)
    assert gap.interval[0] > 0.1
    assert gap.p_holm < 0.001
    assert gap.excludes_zero


def test_small_subgroups_have_no_figures_and_are_not_compared() -> None:
    labels = np.arange(100) % 3
    site = np.repeat(["back", "face", "ear"], [60, 30, 10])
    report = subgroups(table(labels, labels, {"site": site}), ["site"], min_images=30, seed=0, resamples=20)
    ear = by_value(report)["ear"]
    assert (ear.n, ear.too_small, ear.metrics, ear.intervals) == (10, True, {}, {})
    assert not by_value(report)["face"].too_small
    assert {name for gap in report.gaps for name in (gap.higher, gap.lower)} == {"back", "face"}


def test_many_images_of_few_patients_are_too_small() -> None:
    labels = np.arange(120) % 3
    site = np.repeat(["back", "face"], 60)
    few = np.concatenate([np.arange(60), 100 + np.arange(60) % 9]).astype(str)
    grouped = replace(table(labels, labels, {"site": site}), groups=few)
    found = by_value(subgroups(grouped, ["site"], min_images=30, seed=0, resamples=20))
    assert (found["face"].groups, found["face"].too_small) == (9, True)
    assert not found["back"].too_small


def test_absent_and_scarce_classes_are_named_and_one_image_is_not_100_percent() -> None:
    labels = np.repeat([0, 1, 1], [4, 36, 40])
    sex = np.repeat(["male", "female"], 40)
    report = subgroups(table(labels, labels, {"sex": sex}), None, min_images=30, seed=0, resamples=20)
    male, female = by_value(report)["male"], by_value(report)["female"]
    assert (male.absent, male.scarce) == (("df",), ("mel",))
    assert (female.absent, female.scarce) == (("mel", "df"), ())
    assert male.classes_said(3) == "2 of 3 classes, 1 scarce"
    assert female.classes_said(3) == "1 of 3 classes"
    assert male.metrics["count_mel"] == 4
    hidden = ("recall_mel", "auroc_mel", "f1_mel", "precision_mel", "specificity_mel")
    assert np.isnan([male.metrics[name] for name in hidden]).all()
    assert np.isnan([male.intervals[name] for name in hidden]).all()
    # 36 of 36 naevi, of a lesion each, exclude recalls below 0.025 ** (1 / 36).
    assert (male.metrics["recall_nv"], male.intervals["recall_nv"]) == (
        1,
        (pytest.approx(0.9026, abs=1e-4), 1),
    )
    # The mean recall is over the classes present.
    assert male.metrics["balanced_accuracy"] == 1


def test_a_subgroup_without_the_hard_class_is_not_better_for_it() -> None:
    labels = np.tile(np.repeat([0, 1], 40), 2)
    sex = np.repeat(["male", "female"], 80)
    # Melanomas are never found, naevi always; women have naevi and dermatofibromas, which are always found.
    labels[(sex == "female") & (labels == 0)] = 2
    predicted = np.where(labels == 0, 1, labels)
    report = subgroups(table(labels, predicted, {"sex": sex}), None, min_images=30, seed=0, resamples=20)
    scores = [by_value(report)[name].metrics["balanced_accuracy"] for name in ("male", "female")]
    assert scores == [0.5, 1]
    (gap,) = [one for one in report.gaps if one.metric == "balanced_accuracy"]
    assert (gap.difference, gap.classes, gap.excludes_zero) == (0, ("nv",), False)


def test_bands_follow_each_other_and_other_values_go_from_large_to_small() -> None:
    ages = np.array(["80", "20", "50", "", "20", "20"])
    sites = np.array(["unknown", "ear", "back", "unknown", "back", "unknown"])
    few = table(np.zeros(6, int), np.zeros(6, int), {"site": sites, "age": ages})
    found = subgroups(few, None, min_images=30, seed=0).subgroups
    assert [(one.attribute, one.value) for one in found] == [
        ("age", "0-29"),
        ("age", "45-59"),
        ("age", "75+"),
        ("age", "not known"),
        ("site", "back"),
        ("site", "ear"),
        ("site", "not known"),
    ]


def test_those_of_whom_nothing_is_known_are_shown_but_not_compared() -> None:
    labels = np.arange(120) % 3
    site = np.repeat(["back", "face", ""], 40)
    report = subgroups(table(labels, labels, {"site": site}), ["site"], min_images=30, seed=0, resamples=20)
    assert by_value(report)["not known"].metrics["accuracy"] == 1
    assert {(gap.higher, gap.lower) for gap in report.gaps} == {("back", "face")}


def test_widest_gap_of_each_attribute_and_metric() -> None:
    labels = np.arange(180) % 3
    site = np.repeat(["back", "face", "chest"], 60)
    right = np.select([site == "back", site == "face"], [1.0, 0.3], 0.6)
    three = table(labels, noisy(labels, right), {"site": site})
    report = subgroups(three, None, min_images=30, seed=0, resamples=50)
    differences = [gap.difference for gap in report.gaps]
    assert len(differences) == 6
    assert differences == sorted(differences, reverse=True)
    widest = report.largest_gaps()
    assert {(gap.metric, gap.higher, gap.lower) for gap in widest} == {
        ("balanced_accuracy", "back", "face"),
        ("auroc", "back", "face"),
    }


def test_same_seed_same_report(two_sexes: Predictions, report: SubgroupReport) -> None:
    again = subgroups(two_sexes, ["sex", "sex"], min_images=30, seed=0, resamples=500)
    assert asdict(again) == asdict(report)
    other = subgroups(two_sexes, None, min_images=30, seed=1, resamples=500)
    assert other.subgroups[0].intervals["accuracy"] != report.subgroups[0].intervals["accuracy"]


def test_a_table_that_knows_nothing_has_no_subgroups_unless_they_are_asked_for() -> None:
    bare = table(np.arange(30) % 3, np.arange(30) % 3, {})
    assert subgroups(bare, None, min_images=30, seed=0) == SubgroupReport(30, (), ())
    with pytest.raises(InputError, match="nothing is known of sex"):
        subgroups(bare, ["sex"], min_images=30, seed=0)


@pytest.mark.slow
def test_a_gap_by_chance_is_called_one_in_a_twentieth_of_cases() -> None:
    rng = np.random.default_rng(0)
    calls = 0
    for repeat in range(400):
        labels = rng.integers(3, size=300)
        sex = rng.choice(["female", "male"], 300)
        chance = table(labels, noisy(labels, np.full(300, 0.7), seed=repeat), {"sex": sex})
        report = subgroups(chance, None, min_images=30, seed=repeat, resamples=200)
        calls += sum(gap.p_value < 0.05 for gap in report.gaps if gap.metric == "balanced_accuracy")
    # Binomial of 400: 3 to 8 % is 1.8 standard errors below and 2.8 above 5 %.
    assert 0.03 * 400 <= calls <= 0.08 * 400
