from math import isnan

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lightning_skin.evaluation.comparison.compare import compare_contenders
from lightning_skin.evaluation.comparison.contender import Contender, pool_runs
from lightning_skin.evaluation.comparison.result import Comparison
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import compare


def metrics_of(table: Predictions) -> dict[str, float]:
    return classification_metrics(table.labels, table.probabilities, table.class_names)


def test_two_single_tables_give_the_paired_intervals_of_any_other_mode(
    contenders: list[Contender], comparison: Comparison
) -> None:
    weak, strong = (contender.tables[0] for contender in contenders[:2])
    expected = compare(weak, strong, seed=0)
    found = comparison.pairs[0].differences
    assert {name: one.value for name, one in found.items()} == pytest.approx(expected.difference.metrics)
    assert {name: one.interval for name, one in found.items()} == expected.difference.intervals
    assert comparison.standings[0].evaluation.metrics == expected.first.metrics
    assert comparison.standings[0].evaluation.intervals == expected.first.intervals
    assert found["balanced_accuracy"].p_value == pytest.approx(2 / 2001)


def test_what_needs_single_guesses_is_left_out_for_several_seeds(comparison: Comparison) -> None:
    single, seeds = comparison.pairs
    assert set(single.aurocs) == {"bkl", "mel", "nv"}
    assert single.mcnemar is not None
    assert single.moves
    assert (seeds.aurocs, seeds.mcnemar, seeds.moves) == ({}, None, None)


def test_malignant_classes_are_judged_together(contenders: list[Contender], comparison: Comparison) -> None:
    weak, strong = (contender.tables[0] for contender in contenders[:2])
    areas = [
        roc_auc_score(table.labels < 2, table.probabilities[:, :2].sum(axis=1)) for table in (weak, strong)
    ]
    found = comparison.pairs[0].malignant
    assert found is not None
    assert (found.first, found.second) == pytest.approx(tuple(areas))
    assert comparison.adjusted[0]["malignant"] == found.p_value
    assert comparison.pairs[1].malignant is None
    unknown = compare_contenders(contenders[:2], "first", seed=0)
    assert unknown.pairs[0].malignant is None
    assert "malignant" not in unknown.adjusted[0]


def test_seeds_are_judged_by_their_mean(contenders: list[Contender], comparison: Comparison) -> None:
    standing = comparison.standings[2]
    values = [metrics_of(table)["accuracy"] for table in contenders[2].tables]
    assert standing.evaluation.metrics["accuracy"] == pytest.approx(np.mean(values))
    assert standing.over_runs is not None
    expected = pytest.approx((np.mean(values), np.std(values, ddof=1)))
    assert tuple(of_runs["accuracy"] for of_runs in standing.over_runs) == expected
    assert comparison.standings[0].over_runs is None
    low, high = standing.evaluation.intervals["accuracy"]
    assert low < np.mean(values) < high


def test_each_is_compared_with_the_first_or_with_each(
    contenders: list[Contender], comparison: Comparison
) -> None:
    assert [(pair.first, pair.second) for pair in comparison.pairs] == [(0, 1), (0, 2)]
    with_each = compare_contenders(contenders, "all", seed=0)
    assert [(pair.first, pair.second) for pair in with_each.pairs] == [(0, 1), (0, 2), (1, 2)]


def test_equal_tables_do_not_differ(contenders: list[Contender]) -> None:
    weak = contenders[0].tables[0]
    found = compare_contenders([contenders[0], pool_runs("again", {"again": weak})], "first", seed=0)
    (pair,) = found.pairs
    assert {one.value for one in pair.differences.values()} == {0.0}
    assert {one.p_value for one in pair.differences.values()} == {1.0}
    assert pair.agreement.share == 1
    assert pair.moves == []


def test_a_class_without_images_has_undefined_differences() -> None:
    images = np.array(list("abcd"))
    labels = np.array([0, 0, 1, 1])
    tables = [
        Predictions(images, labels, np.array([[0.6, 0.3, 0.1]] * 4)[:, order], images, ("bkl", "mel", "nv"))
        for order in ([0, 1, 2], [1, 0, 2])
    ]
    contenders = [pool_runs(name, {name: table}) for name, table in zip("AB", tables, strict=True)]
    (pair,) = compare_contenders(contenders, "first", seed=0).pairs
    assert isnan(pair.differences["recall_nv"].value)
    assert isnan(pair.differences["recall_nv"].p_value)
    assert isnan(pair.aurocs["nv"].value)
    assert pair.differences["recall_mel"].value == 1


def test_one_alone_is_judged(contenders: list[Contender]) -> None:
    found = compare_contenders(contenders[:1], "first", seed=0)
    assert (len(found.standings), found.pairs, found.adjusted) == (1, [], [])


@pytest.mark.slow
def test_intervals_of_seeds_hold_the_mean_of_all_seeds() -> None:
    """Lesions and seeds are drawn anew each time; the interval is to hold what all of them would give."""
    rng = np.random.default_rng(0)
    lesions, seeds, rounds = 150, 4, 200
    images = np.arange(lesions).astype(str)
    labels = np.arange(lesions) % 2
    held = 0
    for _ in range(rounds):
        tables = []
        hard = rng.normal(size=lesions)
        for _ in range(seeds):
            # A seed is as a whole better or worse; an image is hard for all of them.
            margin = 0.8 + 0.25 * rng.normal() + 0.7 * hard + 0.7 * rng.normal(size=lesions)
            guess = np.where(margin > 0, labels, 1 - labels)
            tables.append(Predictions(images, labels, np.eye(2)[guess], images, ("mel", "nv")))
        contender = Contender("A", tuple(tables), tuple(tables))
        (standing,) = compare_contenders([contender], "first", seed=0).standings
        low, high = standing.evaluation.intervals["accuracy"]
        # P(margin > 0) for a normal margin of mean 0.8 and standard deviation 1.021.
        held += low <= 0.7833 <= high
    # The standard error is 1.5 %.
    assert 0.91 < held / rounds < 0.995
