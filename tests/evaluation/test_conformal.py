import json
from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.conformal import conformal_sets, fit_conformal
from lightning_skin.evaluation.predictions import Predictions


def table(labels: np.ndarray, probabilities: np.ndarray, groups: np.ndarray | None = None) -> Predictions:
    images = np.array([f"image{index}" for index in range(len(labels))])
    names = tuple("abcdefg"[: np.shape(probabilities)[1]])
    return Predictions(images, labels, probabilities, images if groups is None else groups, names)


def two_classes(probability_of_truth: np.ndarray, labels: np.ndarray, copies: int = 1) -> Predictions:
    """Images in groups of equals."""
    labels, truth = np.repeat(labels, copies), np.repeat(probability_of_truth, copies)
    probabilities = np.where(labels[:, None] == [0, 1], truth[:, None], 1 - truth[:, None])
    return table(labels, probabilities, (np.arange(len(labels)) // copies).astype(np.str_))


def test_threshold_is_the_conformal_quantile_of_each_class() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [37, 120])
    val = two_classes(rng.random(157), labels)
    thresholds = fit_conformal(val, 0.9)
    for label, count in ((0, 37), (1, 120)):
        truth = val.probabilities[labels == label, label]
        scores = np.sort(1 - truth)
        expected = scores[int(np.ceil((count + 1) * 0.9)) - 1]
        assert thresholds.smallest[label] == pytest.approx(1 - expected)
    assert thresholds.groups == (37, 120)


def test_images_of_one_group_share_its_weight() -> None:
    truth, labels = np.random.default_rng(0).random(60), np.repeat([0, 1], 30)
    single, copied = (fit_conformal(two_classes(truth, labels, copies), 0.8) for copies in (1, 3))
    assert copied == single
    # Three pictures of the worst lesion weigh as much as one of another.
    truth = np.concatenate([np.linspace(0.9, 0.5, 9), [0.1, 0.1, 0.1]])
    probabilities = np.column_stack([truth, 1 - truth])
    uneven = table(np.zeros(12, int), probabilities, np.array([*"abcdefghijjj"]))
    assert fit_conformal(uneven, 0.8).smallest[0] == pytest.approx(0.5)


@pytest.mark.parametrize(("coverage", "needed"), [(0.9, 9), (0.95, 19), (0.8, 4), (0.5, 1)])
def test_too_few_groups_are_told_and_their_class_is_in_every_set(coverage: float, needed: int) -> None:
    rng = np.random.default_rng(0)
    enough = fit_conformal(two_classes(0.5 + rng.random(2 * needed) / 2, np.repeat([0, 1], needed)), coverage)
    assert (enough.groups_needed, enough.too_few) == (needed, ())
    assert min(enough.smallest) > 0
    labels = np.repeat([0, 1], [needed, needed - 1])
    val = two_classes(0.5 + rng.random(2 * needed - 1) / 2, labels)
    few = fit_conformal(val, coverage)
    assert (few.too_few, few.smallest[1]) == (("b",), 0)
    assert conformal_sets(few, val).sets[:, 1].all()


def test_sets_and_their_figures_equal_the_hand_made_ones() -> None:
    thresholds = replace(
        fit_conformal(table(np.zeros(9, int), np.full((9, 3), 1 / 3)), 0.9), smallest=(0.5, 0.2, 0.4)
    )
    probabilities = [[0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.45, 0.15, 0.4], [0.49, 0.19, 0.32], [0.1, 0.8, 0.1]]
    found = conformal_sets(thresholds, table(np.array([1, 1, 2, 0, 1]), np.array(probabilities)))
    expected = [[1, 1, 0], [1, 0, 1], [0, 0, 1], [0, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(found.sets, np.array(expected, bool))
    assert (found.coverage.count, found.coverage.total) == (3, 5)
    counts = {name: (share.count, share.total) for name, share in found.coverage_per_class.items()}
    assert counts == {"a": (0, 1), "b": (2, 3), "c": (1, 1)}
    assert found.mean_size.value == pytest.approx(6 / 5)
    assert found.sizes == (1, 2, 2, 0)
    assert (found.singletons.count, found.empty.count) == (2, 1)
    assert (found.singleton_accuracy.count, found.singleton_accuracy.total) == (2, 2)


def test_an_absent_class_has_no_coverage() -> None:
    found = conformal_sets(
        fit_conformal(two_classes(np.full(20, 0.9), np.repeat([0, 1], 10)), 0.9),
        two_classes(np.full(4, 0.9), np.zeros(4, int)),
    )
    assert np.isnan(found.coverage_per_class["b"].value)
    assert found.coverage.value == 1


def test_thresholds_of_other_classes_are_refused() -> None:
    val = two_classes(np.full(20, 0.9), np.repeat([0, 1], 10))
    with pytest.raises(InputError, match=r"chosen for the classes a, b, the table has b, a"):
        conformal_sets(fit_conformal(val, 0.9), val.with_classes(["b", "a"]))


@pytest.mark.parametrize("coverage", [0, 1, 1.2])
def test_coverage_that_cannot_be_promised_is_refused(coverage: float) -> None:
    with pytest.raises(InputError, match=rf"is {coverage}, expected a number in \(0, 1\)"):
        fit_conformal(two_classes(np.full(4, 0.9), np.array([0, 1, 0, 1])), coverage)


def test_summary_is_plain() -> None:
    val = two_classes(np.full(10, 0.9), np.repeat([0, 1], [8, 2]))
    document = json.loads(json.dumps(conformal_sets(fit_conformal(val, 0.8), val).summary()))
    assert document["coverage"]["total"] == 10
    assert document["thresholds"]["too_few"] == ["b"]
    assert document["thresholds"]["groups_needed"] == 4
    assert "sets" not in document


def lesions(rng: np.random.Generator, groups: int) -> Predictions:
    """Lesions of one to five images each, more of the hard ones, that resemble each other; a rare class."""
    labels = rng.choice(3, size=groups, p=(0.6, 0.3, 0.1))
    difficulty = rng.normal(size=groups)
    sizes = 1 + rng.binomial(4, 1 / (1 + np.exp(-2 * difficulty)))
    members = np.repeat(np.arange(groups), sizes)
    skill = 1.0 - 1.2 * difficulty[members] + 0.4 * rng.normal(size=len(members))
    logits = 0.5 * rng.normal(size=(len(members), 3)) + skill[:, None] * np.eye(3)[labels[members]]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return table(labels[members], probabilities, members.astype(np.str_))


@pytest.mark.slow
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_promised_coverage_holds_for_each_class_of_new_lesions(coverage: float) -> None:
    rng = np.random.default_rng(0)
    means = []
    for _ in range(400):
        found = conformal_sets(fit_conformal(lesions(rng, 300), coverage), test := lesions(rng, 300))
        covered = found.sets[np.arange(len(test.labels)), test.labels]
        # The promise is for an image of a new lesion, so that each lesion counts once.
        _, members, sizes = np.unique(test.groups, return_inverse=True, return_counts=True)
        weights = 1 / sizes[members]
        shown = [test.labels == label for label in range(3)]
        means.append([np.average(covered[rows], weights=weights[rows]) for rows in shown])
    found_coverage = np.mean(means, axis=0)
    errors = np.std(means, axis=0) / np.sqrt(len(means))
    # Never below the promise, and above it by no more than the weight of one lesion of the rarest class.
    assert (found_coverage > coverage - 3 * errors).all()
    assert (found_coverage < coverage + 0.04).all()
