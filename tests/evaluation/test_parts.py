import numpy as np
import pytest

from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.metrics import classification_metrics, named_scores
from lightning_skin.evaluation.parts import Part, judge_parts, part_of
from lightning_skin.evaluation.predictions import Predictions

CLASSES = ("mel", "nv", "df")


def random_table(rows: int, images_per_group: int = 2, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    groups = np.arange(rows) // images_per_group
    labels = rng.integers(len(CLASSES), size=rows)[groups]
    probabilities = rng.dirichlet(np.ones(len(CLASSES)), rows)
    images = np.array([f"image{index}" for index in range(rows)])
    return Predictions(images, labels, probabilities, groups.astype(str), CLASSES)


def halves(table: Predictions) -> dict[str, Part]:
    first = np.arange(len(table.images)) < len(table.images) // 2
    return {"first": part_of(table, first), "second": part_of(table, ~first)}


def test_a_part_counts_its_images_groups_and_the_groups_of_each_class() -> None:
    images = np.array([f"image{index}" for index in range(5)])
    groups = np.array(["p", "p", "p", "q", "r"])
    table = Predictions(images, np.array([0, 0, 1, 0, 2]), np.tile([1.0, 0, 0], (5, 1)), groups, CLASSES)
    part = part_of(table, np.array([True, True, True, True, False]))
    assert (part.n, part.groups, part.class_groups.tolist()) == (4, 2, [2, 1, 0])


@pytest.mark.parametrize(
    ("images", "groups", "too_small"), [(30, 10, False), (29, 10, True), (30, 9, True), (1000, 9, True)]
)
def test_a_part_needs_images_and_groups(images: int, groups: int, too_small: bool) -> None:
    part = Part(np.ones(images, bool), groups, np.array([groups, 0, 0]))
    assert part.too_small(30) == too_small


def test_a_class_of_fewer_than_five_groups_is_not_usable() -> None:
    assert Part(np.ones(50, bool), 12, np.array([8, 4, 0])).usable.tolist() == [True, False, False]


def test_scores_equal_a_loop_over_the_same_resamples() -> None:
    table = random_table(60)
    parts = halves(table)
    judged = judge_parts(table, parts, resamples=20, seed=3)
    strata = table.labels * 3 + np.where(parts["first"].rows, 1, 2)
    draws = np.concatenate(list(group_resample_weights(strata, table.groups, 20, seed=3)))
    for name, part in parts.items():
        observed = classification_metrics(table.labels[part.rows], table.probabilities[part.rows], CLASSES)
        found = {key: float(value) for key, value in named_scores(judged[name].observed, CLASSES).items()}
        assert found == pytest.approx(observed, nan_ok=True)
        resampled = named_scores(judged[name].resampled, CLASSES)
        for number, counts in enumerate(draws):
            weights = np.where(part.rows, counts, 0)
            expected = classification_metrics(table.labels, table.probabilities, CLASSES, weights)
            for key in ("balanced_accuracy", "auroc", "recall_mel", "count_df"):
                assert resampled[key][number] == pytest.approx(expected[key]), key


def test_each_class_of_each_part_keeps_its_number_of_groups() -> None:
    table = random_table(60)
    parts = halves(table)
    for name, judged in judge_parts(table, parts, resamples=50, seed=0).items():
        counts = judged.resampled.per_class["count"]
        np.testing.assert_allclose(counts, np.tile(2 * parts[name].class_groups, (50, 1)))


def test_a_group_in_two_parts_is_drawn_for_both() -> None:
    alone = random_table(40, images_per_group=1)
    twice = Predictions(
        images=np.array([f"image{index}" for index in range(80)]),
        labels=np.tile(alone.labels, 2),
        probabilities=np.tile(alone.probabilities, (2, 1)),
        groups=np.tile(alone.groups, 2),
        class_names=CLASSES,
    )
    judged = judge_parts(twice, halves(twice), resamples=50, seed=0)
    first, second = (judged[name].resampled.overall["accuracy"] for name in ("first", "second"))
    # The same patients with the same answers: whoever is drawn, the parts never differ.
    np.testing.assert_allclose(first, second)
    assert first.std() > 0.03


def test_no_part_takes_no_resamples() -> None:
    assert judge_parts(random_table(6), {}, resamples=10, seed=0) == {}
