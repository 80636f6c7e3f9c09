import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.clustered import clustered_mean
from lightning_skin.evaluation.costs import cost_decisions, cost_matrix, least_cost_classes
from lightning_skin.evaluation.predictions import Predictions

NAMES = ("nv", "mel", "bkl")


def test_unnamed_mistakes_cost_one_and_right_decisions_nothing() -> None:
    matrix = cost_matrix({"mel": {"nv": 20, "bkl": 5}}, NAMES)
    np.testing.assert_array_equal(matrix, [[0, 1, 1], [20, 0, 5], [1, 1, 0]])


def test_least_expected_cost_equals_the_hand_computed_one() -> None:
    costs = cost_matrix({"mel": {"nv": 20}}, NAMES)
    probabilities = np.array([[0.90, 0.06, 0.04], [0.96, 0.02, 0.02], [0.1, 0.2, 0.7]])
    # Expected costs: (1.24, 0.94, 0.96), (0.42, 0.98, 0.98), (4.7, 0.8, 0.3).
    np.testing.assert_array_equal(least_cost_classes(probabilities, costs), [1, 0, 2])


def test_equal_costs_decide_for_the_most_probable_class() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    decided = least_cost_classes(probabilities, cost_matrix({}, NAMES))
    np.testing.assert_array_equal(decided, probabilities.argmax(axis=1))


def test_calibrated_probabilities_save_what_was_expected() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([3, 0.5, 1], 4000).astype(np.float32).astype(np.float64)
    labels = (probabilities.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1).clip(0, 2)
    images = np.arange(4000).astype(np.str_)
    table = Predictions(images, labels, probabilities, images, NAMES)
    costs = cost_matrix({"mel": {"nv": 20, "bkl": 20}}, NAMES)
    found = cost_decisions(table, costs)
    expected = (probabilities @ costs).min(axis=1).mean()
    assert found.cost.interval[0] < expected < found.cost.interval[1]
    assert found.saved.interval[0] > 0
    assert found.saved.value == pytest.approx(found.cost_of_most_probable.value - found.cost.value)
    decided = least_cost_classes(probabilities, costs)
    paid = costs[labels, decided]
    assert found.cost == clustered_mean(paid, images)
    assert found.changed.count == (decided != probabilities.argmax(axis=1)).sum()
    mel = labels == 1
    assert found.recall["mel"].count == (decided[mel] == 1).sum()
    assert found.recall["mel"].value > found.recall_of_most_probable["mel"].value
    assert found.recall_of_most_probable["nv"].value == (table.predicted == 0)[labels == 0].mean()


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        ({"melanoma": {"nv": 2}}, "'melanoma' is none of the classes nv, mel, bkl"),
        ({"mel": {"naevus": 2}}, "'naevus' is none of the classes"),
        ({"mel": {"mel": 2}}, "mel.mel is 2, but right decisions cost nothing"),
        ({"mel": {"nv": 0}}, "mel.nv is 0, expected a positive number"),
        ({"mel": {"nv": float("nan")}}, "mel.nv is nan, expected a positive number"),
    ],
)
def test_costs_that_make_no_sense_are_refused(costs: dict[str, dict[str, float]], message: str) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        cost_matrix(costs, NAMES)
