import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from lightning_skin.errors import InputError
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.scaling import Scaling

CLASSES = ("bcc", "mel", "nv")
VECTOR = Scaling("vector", CLASSES, (0.5, 1.0, 2.0), (0.25, -1.0, 0.0), images=40, remarks=("a remark",))


def temperature(value: float, class_names: tuple[str, ...] = CLASSES) -> Scaling:
    count = len(class_names)
    return Scaling("temperature", class_names, (1 / value,) * count, (0.0,) * count, images=40)


def near_ties(rows: int = 3000) -> Predictions:
    """Seven classes whose probabilities are equal, or a few steps of float32 apart."""
    rng = np.random.default_rng(0)
    steps = rng.integers(0, 3, (rows, 7)) * np.spacing(np.float32(1 / 7))
    names = np.arange(rows).astype(str)
    probabilities = np.float32(1 / 7) + steps
    return Predictions(names, rng.integers(7, size=rows), probabilities, names, tuple("abcdefg"))


def test_a_temperature_of_two_takes_square_roots() -> None:
    calibrated = temperature(2, ("mel", "nv")).apply(np.array([[0.8, 0.2]]))
    np.testing.assert_allclose(calibrated, [[2 / 3, 1 / 3]], rtol=1e-7)


def test_weights_and_biases_belong_to_their_classes() -> None:
    scaling = Scaling("vector", ("mel", "nv"), (1.0, 2.0), (0.0, np.log(5)), images=1)
    # 0.8 and 5 * 0.2^2, divided by their sum.
    np.testing.assert_allclose(scaling.apply(np.array([[0.8, 0.2]])), [[0.8, 0.2]], rtol=1e-6)
    np.testing.assert_allclose(scaling.apply(np.array([[0.5, 0.5]])), [[2 / 7, 5 / 7]], rtol=1e-6)


@pytest.mark.parametrize("value", [0.3, 1.0, 1.7, 8.0])
def test_it_is_the_temperature_of_the_logits(value: float) -> None:
    logits = np.random.default_rng(0).normal(scale=4, size=(50, 3))
    calibrated = temperature(value).apply(softmax(logits, axis=1))
    np.testing.assert_allclose(calibrated, softmax(logits / value, axis=1), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("value", [0.05, 0.7, 1.0, 3.0, 20.0])
def test_a_temperature_changes_no_guess_whatever_the_ties(value: float) -> None:
    table = near_ties()
    calibrated = temperature(value, table.class_names).calibrated(table)
    np.testing.assert_array_equal(calibrated.predicted, table.predicted)
    before, after = (
        classification_metrics(one.labels, one.probabilities, one.class_names) for one in (table, calibrated)
    )
    same = ("accuracy", "balanced_accuracy", "f1_macro", "recall_", "specificity_", "precision_", "f1_")
    assert {name: after[name] for name in before if name.startswith(same)} == {
        name: value for name, value in before.items() if name.startswith(same)
    }


def test_certainty_stays_finite() -> None:
    calibrated = temperature(2).apply(np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]))
    assert np.isfinite(calibrated).all()
    np.testing.assert_allclose(calibrated.sum(axis=1), 1, atol=1e-6)
    assert calibrated[0, 0] > 0.999


@pytest.mark.parametrize("scaling", [temperature(1.7), VECTOR])
def test_the_order_of_the_classes_does_not_matter(scaling: Scaling) -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(3), 20)
    names = np.arange(20).astype(str)
    table = Predictions(names, np.arange(20) % 3, probabilities, names, CLASSES)
    other = ("nv", "bcc", "mel")
    np.testing.assert_array_equal(
        scaling.calibrated(table.with_classes(other)).with_classes(CLASSES).probabilities,
        scaling.calibrated(table).probabilities,
    )


def test_all_but_the_logits_is_kept_of_a_table() -> None:
    names = np.array(["a", "b"])
    table = Predictions(
        names,
        [0, 1],
        np.full((2, 3), 1 / 3),
        names,
        CLASSES,
        np.array([1.0, 2.0]),
        {"age": np.array(["5", ""])},
    )
    calibrated = VECTOR.calibrated(table)
    assert calibrated.attributes["age"].tolist() == ["5", ""]
    assert calibrated.log_sum_exp is None
    table.require_same_images(calibrated)


def test_other_classes_are_refused() -> None:
    names = np.array(["a"])
    table = Predictions(names, [0], np.array([[0.5, 0.5]]), names, ("mel", "nv"))
    with pytest.raises(InputError, match="the calibration is of the classes bcc, mel, nv, expected mel, nv"):
        VECTOR.calibrated(table)


@pytest.mark.parametrize("scaling", [temperature(1.7), VECTOR])
def test_it_is_written_as_plain_values(scaling: Scaling) -> None:
    assert Scaling.from_dict(json.loads(json.dumps(scaling.to_dict()))) == scaling


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "isotonic"},
        {"weights": (1.0, 2.0)},
        {"weights": (1.0, -1.0, 1.0)},
        {"weights": (1.0, float("nan"), 1.0)},
        {"biases": (0.0, float("inf"), 0.0)},
        {"kind": "temperature"},
        {"kind": "temperature", "weights": (0.5,) * 3},
        {"kind": "temperature", "weights": (0.0,) * 3, "biases": (0.0,) * 3},
    ],
)
def test_numbers_that_are_no_scaling_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|has one positive weight"):
        replace(VECTOR, **change)


def test_a_heading_names_the_temperature() -> None:
    assert temperature(1.6).title == "Temperature scaling, T = 1.6"
    assert VECTOR.title == "Vector scaling"
