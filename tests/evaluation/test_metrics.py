import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from sklearn.dummy import DummyClassifier
from torchmetrics.functional import classification as torch_reference

from lightning_skin.errors import InputError
from lightning_skin.evaluation.metrics import (
    classification_metrics,
    confusion_matrix,
    majority_baseline,
    prior_baseline,
)

Case = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(params=[(2, 30, None), (3, 7, 1), (7, 200, None), (7, 200, 1), (5, 400, 2), (20, 500, 1)])
def case(request: pytest.FixtureRequest) -> Case:
    """Labels of C classes, probabilities (with ties where they are rounded to few decimals), weights."""
    num_classes, rows, decimals = request.param
    rng = np.random.default_rng(num_classes * rows)
    labels = np.concatenate([np.arange(num_classes), rng.integers(num_classes, size=rows - num_classes)])
    logits = rng.normal(size=(rows, num_classes)) + 2 * np.eye(num_classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probabilities = probabilities.round(decimals) + 1e-3 if decimals else probabilities
    weights = rng.choice([0.25, 1.0, 3.0], rows)
    return labels, probabilities / probabilities.sum(axis=1, keepdims=True), weights


def names(probabilities: np.ndarray) -> list[str]:
    return [f"class{index}" for index in range(probabilities.shape[1])]


@pytest.mark.parametrize("weighted", [False, True])
def test_overall_metrics_equal_those_of_scikit_learn(case: Case, weighted: bool) -> None:
    labels, probabilities, weights = case
    sample_weight = {False: None, True: weights}[weighted]
    predicted = probabilities.argmax(axis=1)
    targets = np.eye(probabilities.shape[1])[labels]
    ours = classification_metrics(labels, probabilities, names(probabilities), sample_weight)
    options = {"sample_weight": sample_weight}
    expected = {
        "accuracy": reference.accuracy_score(labels, predicted, **options),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, predicted, **options),
        "auroc": reference.roc_auc_score(targets, probabilities, average="macro", **options),
        "average_precision": reference.average_precision_score(
            targets, probabilities, average="macro", **options
        ),
        "f1_macro": reference.f1_score(labels, predicted, average="macro", zero_division=0, **options),
        "kappa": reference.cohen_kappa_score(labels, predicted, **options),
        "mcc": reference.matthews_corrcoef(labels, predicted, **options),
        "nll": reference.log_loss(labels, probabilities, **options),
        "brier": reference.brier_score_loss(labels, probabilities, scale_by_half=False, **options),
    }
    assert {name: ours[name] for name in expected} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_of_each_class_equal_those_of_scikit_learn(case: Case, weighted: bool) -> None:
    labels, probabilities, weights = case
    sample_weight = {False: None, True: weights}[weighted]
    predicted = probabilities.argmax(axis=1)
    ours = classification_metrics(labels, probabilities, names(probabilities), sample_weight)
    options = {"sample_weight": sample_weight, "zero_division": np.nan}
    for index, name in enumerate(names(probabilities)):
        truth, guess = labels == index, predicted == index
        expected = {
            f"recall_{name}": reference.recall_score(truth, guess, **options),
            f"specificity_{name}": reference.recall_score(~truth, ~guess, **options),
            f"precision_{name}": reference.precision_score(truth, guess, **options),
            f"npv_{name}": reference.precision_score(~truth, ~guess, **options),
            f"f1_{name}": reference.f1_score(truth, guess, **options),
            f"auroc_{name}": reference.roc_auc_score(
                truth, probabilities[:, index], sample_weight=sample_weight
            ),
            f"average_precision_{name}": reference.average_precision_score(
                truth, probabilities[:, index], sample_weight=sample_weight
            ),
            f"count_{name}": np.ones(len(labels))[truth].sum()
            if sample_weight is None
            else weights[truth].sum(),
        }
        assert {key: ours[key] for key in expected} == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_metrics_equal_those_of_torchmetrics(case: Case) -> None:
    labels, probabilities, _ = case
    num_classes = probabilities.shape[1]
    ours = classification_metrics(labels, probabilities, names(probabilities))
    inputs = (torch.tensor(probabilities), torch.tensor(labels), num_classes)
    expected = {
        "auroc": torch_reference.multiclass_auroc(*inputs),
        "average_precision": torch_reference.multiclass_average_precision(*inputs),
        "kappa": torch_reference.multiclass_cohen_kappa(*inputs),
        "mcc": torch_reference.multiclass_matthews_corrcoef(*inputs),
        "ece": torch_reference.multiclass_calibration_error(*inputs, n_bins=15, norm="l1"),
        "f1_macro": torch_reference.multiclass_f1_score(*inputs),
        "balanced_accuracy": torch_reference.multiclass_accuracy(*inputs, average="macro"),
    }
    assert {name: ours[name] for name in expected} == pytest.approx(
        {name: value.item() for name, value in expected.items()}, abs=1e-6
    )


def test_calibration_error_equals_the_hand_computed_one() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.25, 0.75], [0.25, 0.75]])
    ours = classification_metrics([0, 1, 1, 1], probabilities, ["a", "b"])
    # Half of the images are right in 50 % at confidence 0.9, half in 100 % at 0.75.
    assert ours["ece"] == pytest.approx(0.5 * 0.4 + 0.5 * 0.25)


def test_saturated_confidence_belongs_to_the_last_bin() -> None:
    probabilities = np.array([[1.0, 0.0], [0.96, 0.04]])
    # One bin holds both images: accuracy 0.5 against confidence 0.98.
    assert classification_metrics([0, 1], probabilities, ["a", "b"])["ece"] == pytest.approx(0.48)


def test_absent_class_is_undefined_and_left_out_of_the_means() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]])
    ours = classification_metrics([0, 1, 1], probabilities, ["a", "b", "c"])
    undefined = {name for name, value in ours.items() if np.isnan(value)}
    assert undefined == {"recall_c", "precision_c", "f1_c", "auroc_c", "average_precision_c"}
    assert ours["npv_c"] == 1.0
    assert ours["balanced_accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert ours["f1_macro"] == pytest.approx(reference.f1_score([0, 1, 1], [0, 0, 1], average="macro"))
    assert ours["auroc"] == pytest.approx(1.0)
    assert ours["specificity_c"] == 1.0


def test_guessed_class_without_images_lowers_the_macro_f1_only() -> None:
    ours = classification_metrics([0, 0], np.array([[1.0, 0.0], [0.0, 1.0]]), ["a", "b"])
    assert ours["f1_b"] == 0.0
    assert ours["f1_macro"] == pytest.approx((2 / 3 + 0) / 2)
    assert ours["balanced_accuracy"] == 0.5
    assert np.isnan(ours["specificity_a"])
    assert np.isnan(ours["auroc"])


def test_impossible_truth_costs_a_finite_likelihood() -> None:
    ours = classification_metrics([1], np.array([[1.0, 0.0]]), ["a", "b"])
    assert ours["nll"] == pytest.approx(-np.log(np.finfo(np.float64).eps))


def test_no_images_leave_everything_undefined_but_the_counts() -> None:
    ours = classification_metrics(np.empty(0), np.empty((0, 2)), ["a", "b"])
    assert {name for name, value in ours.items() if not np.isnan(value)} == {"count_a", "count_b"}


def test_confusion_matrix_has_true_classes_in_rows(case: Case) -> None:
    labels, probabilities, weights = case
    predicted = probabilities.argmax(axis=1)
    ours = confusion_matrix(labels, predicted, probabilities.shape[1], weights)
    np.testing.assert_allclose(ours, reference.confusion_matrix(labels, predicted, sample_weight=weights))


def test_majority_baseline_equals_the_dummy_classifier_of_scikit_learn() -> None:
    labels = np.array([0, 1, 1, 1, 2, 2])
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((10, 1)), [0] + [1] * 3 + [2] * 6)
    probabilities = dummy.predict_proba(np.zeros((6, 1)))
    baseline = majority_baseline([1, 3, 6], labels, ["a", "b", "c"])
    assert baseline["accuracy"] == pytest.approx(dummy.score(np.zeros((6, 1)), labels))
    assert baseline["nll"] == pytest.approx(reference.log_loss(labels, probabilities))
    assert baseline["balanced_accuracy"] == pytest.approx(1 / 3)
    assert baseline["auroc"] == 0.5
    assert baseline["recall_c"] == 1.0
    assert np.isnan(baseline["precision_a"])


def test_constant_guess_agrees_by_chance_only() -> None:
    ours = classification_metrics([0, 1, 1], np.tile([0.9, 0.1], (3, 1)), ["a", "b"])
    assert (ours["kappa"], ours["mcc"]) == (0.0, 0.0)
    assert np.isnan(ours["npv_a"])


def test_images_of_one_class_leave_nothing_to_correlate() -> None:
    ours = classification_metrics([0, 0], np.array([[0.9, 0.1], [0.2, 0.8]]), ["a", "b"])
    assert np.isnan(ours["mcc"])
    assert ours["kappa"] == 0.0
    assert np.isnan(classification_metrics([0, 0], np.tile([0.9, 0.1], (2, 1)), ["a", "b"])["kappa"])


def test_prior_baseline_equals_the_mean_of_many_dummy_classifiers_of_scikit_learn() -> None:
    labels = np.repeat([0, 1, 2], [200, 500, 300])
    trained = [0] + [1] * 3 + [2] * 6
    drawn = [
        DummyClassifier(strategy="stratified", random_state=seed)
        .fit(np.zeros((10, 1)), trained)
        .predict(np.zeros((1000, 1)))
        for seed in range(60)
    ]
    expected = {
        "accuracy": np.mean([reference.accuracy_score(labels, guess) for guess in drawn]),
        "f1_macro": np.mean([reference.f1_score(labels, guess, average="macro") for guess in drawn]),
        "precision_c": np.mean([reference.precision_score(labels == 2, guess == 2) for guess in drawn]),
    }
    baseline = prior_baseline([1, 3, 6], labels, ["a", "b", "c"])
    # A standard error of a mean of 60 is about 0.002.
    assert {name: baseline[name] for name in expected} == pytest.approx(expected, abs=0.01)


def test_prior_baseline_guesses_each_class_as_often_as_it_was_trained_on() -> None:
    baseline = prior_baseline([1, 3, 6], [0, 1, 1, 2], ["a", "b", "c"])
    assert [baseline[f"recall_{name}"] for name in "abc"] == pytest.approx([0.1, 0.3, 0.6])
    assert [baseline[f"specificity_{name}"] for name in "abc"] == pytest.approx([0.9, 0.7, 0.4])
    assert [baseline[f"precision_{name}"] for name in "abc"] == pytest.approx([0.25, 0.5, 0.25])
    assert baseline["accuracy"] == pytest.approx(0.25 * 0.1 + 0.5 * 0.3 + 0.25 * 0.6)
    assert (baseline["kappa"], baseline["mcc"]) == pytest.approx((0, 0), abs=1e-12)
    assert (baseline["auroc"], baseline["average_precision_b"]) == (0.5, 0.5)
    majority = majority_baseline([1, 3, 6], [0, 1, 1, 2], ["a", "b", "c"])
    assert baseline.keys() == majority.keys()
    assert baseline["nll"] == majority["nll"]


def test_diverged_network_is_reported_with_a_remedy() -> None:
    probabilities = np.array([[0.5, 0.5], [np.nan, np.nan]])
    with pytest.raises(InputError, match=r"row 1 .*lower the learning rate"):
        classification_metrics([0, 1], probabilities, ["a", "b"])


@pytest.mark.parametrize(
    ("labels", "class_names", "message"),
    [
        ([0, 1, 1], ["a", "b"], r"expected \(3, 2\)"),
        ([0, 2], ["a", "b"], "labels span 0 to 2, expected 0 to 1"),
    ],
)
def test_inconsistent_arguments_are_refused(labels: list[int], class_names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        classification_metrics(labels, np.full((2, 2), 0.5), class_names)
