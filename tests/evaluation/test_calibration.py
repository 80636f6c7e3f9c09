from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch.nn.functional import cross_entropy

from lightning_skin.evaluation.calibration import calibrate, fit_temperature, fit_vector
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.summary import evaluate

CLASSES = ("bcc", "mel", "nv")


def table(logits: np.ndarray, labels: np.ndarray) -> Predictions:
    names = np.arange(len(labels)).astype(str)
    return Predictions(names, labels, softmax(logits, axis=1), names, CLASSES)


def drawn(rows: int, overconfidence: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``(rows, 3)``, and labels with the probabilities of the logits divided by ``overconfidence``."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=1.5, size=(rows, 3)) * overconfidence
    cumulative = softmax(logits / overconfidence, axis=1).cumsum(axis=1)
    return logits, (rng.random((rows, 1)) > cumulative[:, :2]).sum(axis=1)


def found_by_torch(logits: np.ndarray, labels: np.ndarray, parameters: list[torch.Tensor]) -> None:
    """Find ``logits * parameters[0] + parameters[1]`` with the smallest cross-entropy, as Guo et al. did."""
    inputs, targets = torch.tensor(logits), torch.tensor(labels)
    optimizer = torch.optim.LBFGS(parameters, max_iter=500, tolerance_grad=1e-10, tolerance_change=1e-12)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(sum(parameters[1:], inputs * parameters[0]), targets)
        loss.backward()
        return loss

    optimizer.step(closure)


def nll(predictions: Predictions) -> float:
    found = classification_metrics(predictions.labels, predictions.probabilities, predictions.class_names)
    return found["nll"]


@pytest.mark.parametrize("overconfidence", [0.4, 1.0, 2.5])
def test_the_temperature_minimises_the_cross_entropy_of_the_logits(overconfidence: float) -> None:
    logits, labels = drawn(400, overconfidence)
    inverse = torch.ones(1, dtype=torch.float64, requires_grad=True)
    found_by_torch(logits, labels, [inverse])
    assert fit_temperature(table(logits, labels)).weights == pytest.approx([inverse.item()] * 3, rel=5e-3)


def test_labels_that_were_drawn_at_a_temperature_give_it_back() -> None:
    scaling = fit_temperature(table(*drawn(20_000, overconfidence=3.0)))
    assert 1 / scaling.weights[0] == pytest.approx(3, rel=0.03)
    assert scaling.images == 20_000
    assert scaling.remarks == ()


def test_vector_scaling_minimises_the_cross_entropy_but_for_its_priors() -> None:
    logits, labels = drawn(20_000, overconfidence=2.0)
    predictions = table(logits, labels)
    weights = torch.ones(3, dtype=torch.float64, requires_grad=True)
    biases = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    found_by_torch(np.log(predictions.probabilities), labels, [weights, biases])
    scaling = fit_vector(predictions)
    assert scaling.weights == pytest.approx(weights.tolist(), rel=0.01)
    # Of biases, only differences matter.
    shift = biases.detach().numpy() - biases.detach().numpy().mean()
    assert scaling.biases == pytest.approx(shift, abs=0.01)


def test_vector_scaling_finds_the_class_that_is_said_too_often() -> None:
    logits, labels = drawn(20_000)
    scaling = fit_vector(table(logits + np.array([0, 1, 0]), labels))
    assert np.array(scaling.biases) - scaling.biases[0] == pytest.approx([0, -1, 0], abs=0.1)
    assert scaling.weights == pytest.approx([1, 1, 1], abs=0.1)


@pytest.mark.parametrize("fit", [fit_temperature, fit_vector])
@pytest.mark.parametrize("rows", [1, 7, 60])
def test_the_log_loss_on_the_images_that_it_is_fitted_on_never_rises(
    fit: Callable[[Predictions], Scaling], rows: int
) -> None:
    for seed in range(10):
        val = table(*drawn(rows, overconfidence=0.5 + seed / 3, seed=seed))
        assert nll(fit(val).calibrated(val)) <= nll(val) + 1e-7


@pytest.mark.parametrize("fit", [fit_temperature, fit_vector])
def test_being_right_a_few_times_is_no_reason_for_certainty(fit: Callable[[Predictions], Scaling]) -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    scaling = fit(table(2 * np.eye(3)[labels], labels))
    before = softmax([2.0, 0, 0])[0]
    assert before < scaling.apply(softmax(2 * np.eye(3), axis=1))[0, 0] < 0.999
    assert [remark for remark in scaling.remarks if "fitted on 6 image(s) only" in remark]
    assert [remark for remark in scaling.remarks if "every validation image is guessed rightly" in remark]


def test_guesses_worse_than_chance_reach_the_highest_temperature_and_it_is_said() -> None:
    labels = np.arange(300) % 3
    scaling = fit_temperature(table(-3 * np.eye(3)[labels], labels))
    assert 1 / scaling.weights[0] == pytest.approx(20)
    assert scaling.remarks == ("the temperature is held at 20, the end of its range",)


def test_guesses_that_are_all_right_by_a_hair_reach_the_lowest_temperature_and_it_is_said() -> None:
    labels = np.arange(3000) % 3
    scaling = fit_temperature(table(0.02 * np.eye(3)[labels], labels))
    assert 1 / scaling.weights[0] == pytest.approx(0.05)
    assert "the temperature is held at 0.05, the end of its range" in scaling.remarks


def test_where_nothing_is_told_apart_probabilities_stay_as_they_are() -> None:
    labels = np.arange(300) % 3
    assert fit_temperature(table(np.zeros((300, 3)), labels)).weights == pytest.approx([1, 1, 1])


def test_a_class_without_a_validation_image_is_not_ruled_out_and_it_is_said() -> None:
    logits, labels = drawn(400)
    rows = labels != 1
    val = table(logits[rows], labels[rows])
    scaling = fit_vector(val)
    assert -5 < scaling.biases[1] < -1
    assert scaling.remarks == ("some classes have fewer than 10 validation images: mel (0)",)


def test_a_report_judges_the_test_images_before_and_after() -> None:
    val, test = table(*drawn(1000, 3.0)), table(*drawn(400, 3.0, seed=1))
    report = calibrate(val, test, "temperature", seed=4)
    assert report.scaling == fit_temperature(val)
    assert report.before == evaluate(test, seed=4)
    assert report.after == evaluate(report.scaling.calibrated(test), seed=4)
    for metric in ("ece", "nll", "brier"):
        low, high = report.difference.intervals[metric]
        change = report.after.metrics[metric] - report.before.metrics[metric]
        assert report.difference.metrics[metric] == pytest.approx(change)
        assert low <= change <= high < 0
    assert report.difference.metrics["accuracy"] == 0
    assert report.difference.intervals["accuracy"] == (0, 0)
    assert not report.does_harm


def test_a_calibration_on_other_images_than_those_of_the_test_does_harm() -> None:
    report = calibrate(table(*drawn(1000, 3.0)), table(*drawn(400, 0.5, seed=1)), "temperature", seed=4)
    assert report.does_harm
