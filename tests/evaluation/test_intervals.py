import numpy as np
import pytest

from lightning_skin.evaluation.extreme_proportions import extreme_intervals
from lightning_skin.evaluation.intervals import bootstrap_intervals, group_resample_weights
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions


def make_predictions(labels: np.ndarray, probabilities: np.ndarray, groups: np.ndarray) -> Predictions:
    images = np.array([f"image{index}" for index in range(len(labels))])
    class_names = tuple("abcdefg"[: probabilities.shape[1]])
    return Predictions(images, labels, probabilities, groups.astype(np.str_), class_names)


def noisy_predictions(rows: int, num_classes: int, images_per_group: int, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    groups = np.arange(rows) // images_per_group
    labels = rng.integers(num_classes, size=rows)[groups]
    logits = rng.normal(size=(rows, num_classes)) + np.eye(num_classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return make_predictions(
        labels, probabilities.round(2) + (1 - probabilities.round(2).sum(1))[:, None] / num_classes, groups
    )


def test_intervals_equal_a_loop_over_the_same_resamples() -> None:
    predictions = noisy_predictions(60, 3, images_per_group=2)
    intervals = bootstrap_intervals(predictions, resamples=50, level=0.9, seed=3)
    draws = np.concatenate(list(group_resample_weights(predictions.labels, predictions.groups, 50, seed=3)))
    table = (predictions.labels, predictions.probabilities, predictions.class_names)
    values = [classification_metrics(*table, weights) for weights in draws]
    expected = {name: np.nanquantile([value[name] for value in values], (0.05, 0.95)) for name in intervals}
    assert set(values[0]) - set(intervals) == {"count_a", "count_b", "count_c"}
    others = {"ece", "ece_adaptive", *extreme_intervals(predictions, level=0.9)}
    for name in set(intervals) - others:
        assert intervals[name] == pytest.approx(expected[name], abs=1e-9), name


def test_resamples_draw_whole_groups_and_keep_each_class_as_numerous_in_groups() -> None:
    labels = np.repeat([0, 0, 0, 1, 1], 3)
    groups = np.repeat(["p", "q", "r", "s", "t"], 3)
    (weights,) = group_resample_weights(labels, groups, 200, seed=0)
    by_group = weights.reshape(200, 5, 3)
    assert weights.shape == (200, 15)
    assert (by_group == by_group[:, :, :1]).all()
    np.testing.assert_allclose(by_group[:, :3, 0].sum(axis=1), 3)
    np.testing.assert_allclose(by_group[:, 3:, 0].sum(axis=1), 2)


def test_each_group_is_drawn_once_on_average() -> None:
    (weights,) = group_resample_weights(np.zeros(10, np.int64), np.arange(10).astype(str), 20000, seed=0)
    # The mean of 20000 weights of variance 1, that of independent draws, has a standard error of 0.007.
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.03)
    np.testing.assert_allclose(weights.var(axis=0), 1, atol=0.05)


def test_group_of_several_classes_belongs_to_the_rarest() -> None:
    labels = np.array([0, 1, 0, 0, 0, 1])
    groups = np.array(["p", "p", "q", "q", "r", "s"])
    (weights,) = group_resample_weights(labels, groups, 200, seed=0)
    # p and s hold the two images of class 1, so every resample holds exactly two of them.
    assert (weights[:, 1] + weights[:, 5] == 2).all()
    assert (weights[:, 2] + weights[:, 4] == 2).all()


def test_resamples_beyond_one_chunk_are_all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightning_skin.evaluation.intervals.CHUNK_ELEMENTS", 70)
    chunks = list(group_resample_weights(np.zeros(10, np.int64), np.arange(10).astype(str), 16, seed=0))
    assert [len(chunk) for chunk in chunks] == [7, 7, 2]
    np.testing.assert_allclose(np.concatenate(chunks).sum(axis=1), 10)


def test_a_class_of_one_lesion_is_in_every_resample() -> None:
    (weights,) = group_resample_weights(np.array([0, 0, 1]), np.array(["p", "q", "r"]), 50, seed=0)
    assert (weights[:, 2] == 1).all()


def test_copies_of_images_widen_the_interval_when_grouped() -> None:
    alone = noisy_predictions(100, 2, images_per_group=1)
    labels, probabilities = np.repeat(alone.labels, 4), np.repeat(alone.probabilities, 4, axis=0)
    grouped = make_predictions(labels, probabilities, np.repeat(np.arange(100), 4))
    ungrouped = make_predictions(labels, probabilities, np.arange(400))
    widths = [
        np.diff(bootstrap_intervals(table, resamples=1000)["balanced_accuracy"])[0]
        for table in (alone, grouped, ungrouped)
    ]
    # Four copies teach nothing new; taken for new images they would halve the width.
    assert widths[1] == pytest.approx(widths[0], rel=0.1)
    assert widths[2] == pytest.approx(widths[0] / 2, rel=0.15)


def test_width_of_an_accuracy_agrees_with_the_normal_approximation() -> None:
    labels = np.zeros(400, np.int64)
    right = np.arange(400) < 300
    predictions = make_predictions(labels, np.column_stack([right, ~right]).astype(float), np.arange(400))
    low, high = bootstrap_intervals(predictions)["accuracy"]
    margin = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - margin, 0.75 + margin), abs=0.006)


def test_perfect_predictions_leave_room_for_few_lesions() -> None:
    labels = np.arange(30) % 3
    intervals = bootstrap_intervals(make_predictions(labels, np.eye(3)[labels], np.arange(30)), resamples=100)
    for name in ("balanced_accuracy", "auroc", "f1_macro", "auroc_c"):
        assert intervals[name] == (1.0, 1.0), name
    assert intervals["accuracy"] == pytest.approx((0.025 ** (1 / 30), 1.0))
    assert intervals["recall_a"] == intervals["precision_b"] == pytest.approx((0.025 ** (1 / 10), 1.0))
    assert intervals["ece"] == (0.0, 0.0)


def test_metric_undefined_everywhere_has_undefined_ends() -> None:
    labels = np.arange(20) % 2
    predictions = make_predictions(labels, np.eye(3)[labels], np.arange(20))
    intervals = bootstrap_intervals(predictions, resamples=20)
    assert np.isnan(intervals["recall_c"]).all()
    assert np.isnan(intervals["precision_c"]).all()
    assert intervals["recall_a"] == pytest.approx((0.025 ** (1 / 10), 1.0))


def test_same_seed_gives_the_same_intervals_and_another_does_not() -> None:
    predictions = noisy_predictions(80, 3, images_per_group=2)
    first, same, other = (bootstrap_intervals(predictions, resamples=100, seed=seed) for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_wider_level_contains_the_narrower_one() -> None:
    predictions = noisy_predictions(80, 3, images_per_group=2)
    wide, narrow = (bootstrap_intervals(predictions, resamples=500, level=level) for level in (0.95, 0.5))
    assert all(wide[name][0] < narrow[name][0] < narrow[name][1] < wide[name][1] for name in ("auroc", "nll"))
