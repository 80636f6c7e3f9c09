from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logsumexp, softmax
from sklearn.metrics import roc_auc_score, roc_curve

from lightning_skin.errors import InputError
from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.out_of_distribution import out_of_distribution, split_unknown
from lightning_skin.evaluation.predictions import Predictions


def from_logits(logits: np.ndarray, labels: np.ndarray, prefix: str = "image") -> Predictions:
    images = np.array([f"{prefix}{index}" for index in range(len(logits))])
    groups = np.array([f"{prefix}{index // 2}" for index in range(len(logits))])
    names = ("nv", "mel", "bcc", "unknown")[: logits.shape[1]]
    return Predictions(images, labels, softmax(logits, axis=1), groups, names, logsumexp(logits, axis=1))


def tables(digits: int = 8) -> tuple[Predictions, Predictions]:
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=80)
    known = 3 * np.eye(3)[labels] + rng.normal(size=(80, 3))
    unknown = rng.normal(size=(50, 3)) + 0.5
    return from_logits(known.round(digits), labels), from_logits(
        unknown.round(digits), np.zeros(50, int), "strange"
    )


@pytest.mark.parametrize("digits", [8, 0])
def test_scores_are_judged_as_by_scikit_learn(digits: int) -> None:
    known, unknown = tables(digits)
    found = out_of_distribution(known, unknown, seed=0, resamples=10)
    logits = [np.log(table.probabilities) + table.log_sum_exp[:, None] for table in (known, unknown)]
    references = {
        "max_softmax": [table.probabilities.max(axis=1) for table in (known, unknown)],
        "max_logit": [values.max(axis=1) for values in logits],
        "energy": [table.log_sum_exp for table in (known, unknown)],
    }
    is_known = np.repeat([1, 0], [80, 50])
    assert set(found) == set(references)
    for name, pair in references.items():
        scores = np.concatenate(pair)
        false, true, _ = roc_curve(is_known, scores, drop_intermediate=False)
        assert found[name].auroc == pytest.approx(roc_auc_score(is_known, scores)), name
        assert found[name].fpr_at_95_tpr == pytest.approx(false[true >= 0.95][0]), name
        assert (found[name].known, found[name].unknown) == (80, 50)


def test_intervals_equal_a_loop_over_the_same_resamples() -> None:
    known, unknown = tables()
    found = out_of_distribution(known, unknown, seed=4, resamples=60)["energy"]
    is_unknown = np.repeat([0, 1], [80, 50])
    groups = np.concatenate([known.groups, unknown.groups])
    scores = np.concatenate([known.log_sum_exp, unknown.log_sum_exp])
    draws = np.concatenate(list(group_resample_weights(is_unknown, groups, 60, seed=4)))
    values = []
    for weights in draws:
        kept = weights > 0
        arguments = 1 - is_unknown[kept], scores[kept]
        false, true, _ = roc_curve(*arguments, sample_weight=weights[kept], drop_intermediate=False)
        area = roc_auc_score(*arguments, sample_weight=weights[kept])
        values.append([area, false[true >= 0.95 - 1e-12][0]])
    low, high = np.quantile(values, (0.025, 0.975), axis=0)
    assert found.intervals["auroc"] == pytest.approx((low[0], high[0]))
    assert found.intervals["fpr_at_95_tpr"] == pytest.approx((low[1], high[1]))


def test_without_log_sum_exp_only_the_probabilities_are_judged() -> None:
    known, unknown = tables()
    bare = replace(unknown, log_sum_exp=None)
    assert set(out_of_distribution(known, bare, seed=0, resamples=5)) == {"max_softmax"}


def test_class_of_unknown_images_is_parted_off_as_if_it_had_no_logit() -> None:
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(30, 4)), np.arange(30) % 4
    known, unknown = split_unknown(from_logits(logits, labels), "unknown")
    assert known.class_names == unknown.class_names == ("nv", "mel", "bcc")
    for table, rows in ((known, labels != 3), (unknown, labels == 3)):
        np.testing.assert_allclose(table.probabilities, softmax(logits[rows, :3], axis=1), atol=1e-6)
        np.testing.assert_allclose(table.log_sum_exp, logsumexp(logits[rows, :3], axis=1), atol=1e-6)
    np.testing.assert_array_equal(known.labels, labels[labels != 3])


def test_image_that_is_unknown_for_certain_scores_lowest() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0, 0, 1]])
    table = Predictions(
        np.array([*"abc"]), np.array([0, 1, 2]), probabilities, np.array([*"abc"]), ("nv", "mel", "unknown"),
        log_sum_exp=np.array([1.0, 2.0, 9.0]),
    )  # fmt: skip
    found = out_of_distribution(*split_unknown(table, "unknown"), seed=0, resamples=5)
    assert {name: (one.auroc, one.fpr_at_95_tpr) for name, one in found.items()} == {
        "max_softmax": (1, 0),
        "max_logit": (1, 0),
        "energy": (1, 0),
    }


@pytest.mark.parametrize(
    ("name", "labels", "message"),
    [
        ("UNK", [0, 1, 2, 3], r"'UNK', is none of the table's: nv, mel, bcc, unknown"),
        ("unknown", [0, 1, 2, 2], r"0 of 4 images are of the class 'unknown'"),
        ("unknown", [3, 3, 3, 3], r"4 of 4 images are of the class 'unknown'"),
    ],
)
def test_table_without_known_or_unknown_images_is_refused(name: str, labels: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        split_unknown(from_logits(np.eye(4), np.array(labels)), name)


def test_tables_of_other_classes_are_refused() -> None:
    known, unknown = tables()
    with pytest.raises(InputError, match="give two tables of the same classifier"):
        out_of_distribution(known, unknown.with_classes(["mel", "nv", "bcc"]), seed=0)
