import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from lightning_skin.errors import InputError
from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.malignancy import is_malignant, malignancy_view, malignant_probability
from lightning_skin.evaluation.predictions import Predictions

CLASSES = ("bcc", "mel", "nv", "vasc")


def judged(rows: int = 120, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    lesions = np.arange(rows) // 2
    labels = rng.integers(4, size=rows)[lesions]
    logits = rng.normal(size=(rows, 4)) + 1.5 * np.eye(4)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    images = np.array([f"image{index}" for index in range(rows)])
    return Predictions(images, labels, probabilities, lesions.astype(str), CLASSES)


def test_probabilities_of_the_malignant_classes_are_added() -> None:
    probabilities = np.array([[0.5, 0.25, 0.125, 0.125], [0.0, 0.25, 0.25, 0.5]])
    table = Predictions(["a", "b"], [0, 2], probabilities, ["a", "b"], CLASSES)
    np.testing.assert_array_equal(malignant_probability(table, ["mel", "bcc"]), [0.75, 0.25])
    np.testing.assert_array_equal(is_malignant(table, ["mel", "bcc"]), [True, False])
    np.testing.assert_array_equal(malignant_probability(table, ["mel"]), [0.25, 0.25])


@pytest.mark.parametrize("malignant", [["mel"], ["mel", "bcc"]])
def test_view_equals_scikit_learn_on_the_sum(malignant: list[str]) -> None:
    table = judged()
    positive = np.isin(np.array(CLASSES)[table.labels], malignant)
    scores = sum(table.probabilities[:, CLASSES.index(name)] for name in malignant)
    view = malignancy_view(table, malignant, seed=0, resamples=10)
    assert view.classes == tuple(sorted(malignant))
    assert view.metrics["auroc"] == pytest.approx(roc_auc_score(positive, scores))
    assert view.metrics["average_precision"] == pytest.approx(average_precision_score(positive, scores))
    assert view.metrics["prevalence"] == positive.mean()
    assert (view.metrics["count_malignant"], view.metrics["count_benign"]) == (
        positive.sum(),
        120 - positive.sum(),
    )


def test_intervals_equal_a_loop_over_the_same_resamples() -> None:
    table = judged(60)
    view = malignancy_view(table, ["mel", "bcc"], seed=3, resamples=40)
    scores, positive = malignant_probability(table, ["mel", "bcc"]), is_malignant(table, ["mel", "bcc"])
    draws = np.concatenate(list(group_resample_weights(table.labels, table.groups, 40, seed=3)))
    areas = [roc_auc_score(positive, scores, sample_weight=weights) for weights in draws]
    assert view.intervals["auroc"] == pytest.approx(tuple(np.quantile(areas, (0.025, 0.975))), abs=1e-9)
    assert set(view.metrics) - set(view.intervals) == {"prevalence", "count_malignant", "count_benign"}


def test_partial_auc_has_the_range_that_its_true_positive_rate_leaves() -> None:
    labels = np.arange(40) % 4
    images = np.array([f"image{index}" for index in range(40)])
    table = Predictions(images, labels, np.eye(4)[labels], images, CLASSES)
    assert malignancy_view(table, ["mel"], seed=0, resamples=2).metrics["partial_auc"] == pytest.approx(0.2)
    strict = malignancy_view(table, ["mel"], min_tpr=0.9, seed=0, resamples=2)
    assert strict.metrics["partial_auc"] == pytest.approx(0.1)
    assert strict.min_tpr == 0.9


def test_images_of_one_kind_leave_the_view_undefined() -> None:
    table = judged()
    benign = malignancy_view(table.subset(table.labels >= 2), ["mel", "bcc"], seed=0, resamples=5)
    assert benign.metrics["count_malignant"] == 0
    assert np.isnan(benign.metrics["auroc"])
    assert np.isnan(benign.intervals["sensitivity_at_95_specificity"]).all()


@pytest.mark.parametrize(
    ("malignant", "message"),
    [
        (["mel", "scc"], "^scc is to be malignant, but the classes are bcc, mel, nv, vasc; mend data.malignant$"),
        ([], "^no class of bcc, mel, nv, vasc is malignant"),
        (list(CLASSES), "^every class of bcc, mel, nv, vasc is malignant"),
    ],
)
def test_classes_that_make_no_question_are_refused(malignant: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        malignancy_view(judged(20), malignant, seed=0)
