"""Predictions of several networks as those of one."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.ensemble import average, mean_and_deviation, pool
from lightning_skin.evaluation.predictions import Predictions

IMAGES = np.array(["a", "b"])
FIRST = Predictions(IMAGES, np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]]), IMAGES, ("mel", "nv"))
SECOND = replace(FIRST, probabilities=np.array([[0.5, 0.5], [0.1, 0.9]]))


def test_probabilities_are_averaged() -> None:
    averaged = average([FIRST, SECOND])
    assert averaged.probabilities == pytest.approx(np.array([[0.7, 0.3], [0.45, 0.55]]))
    assert averaged.predicted.tolist() == [0, 1]
    assert averaged.images.tolist() == ["a", "b"]


def test_the_average_of_one_is_that_one() -> None:
    assert np.array_equal(average([FIRST]).probabilities, FIRST.probabilities)


@pytest.mark.parametrize(
    "change",
    [
        {"images": IMAGES[::-1]},
        {"labels": np.array([1, 1])},
        {"groups": np.array(["a", "a"])},
        {"class_names": ("nv", "mel")},
    ],
    ids=str,
)
def test_tables_of_other_images_are_not_averaged(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not of the same images"):
        average([FIRST, replace(SECOND, **change)])


def test_pooled_tables_follow_each_other() -> None:
    other = replace(SECOND, images=np.array(["c", "d"]), groups=np.array(["g", "g"]))
    pooled = pool([FIRST, other])
    assert pooled.images.tolist() == ["a", "b", "c", "d"]
    assert pooled.labels.tolist() == [0, 1, 0, 1]
    assert pooled.groups.tolist() == ["a", "b", "g", "g"]
    assert np.array_equal(pooled.probabilities[2:], SECOND.probabilities)


def test_log_sum_exps_are_averaged_and_pooled_where_all_tables_have_them() -> None:
    first = replace(FIRST, log_sum_exp=np.array([1.0, 2.0]))
    second = replace(SECOND, log_sum_exp=np.array([3.0, 6.0]))
    other = replace(second, images=np.array(["c", "d"]))
    assert [average([first, second]).log_sum_exp.tolist()] == [[2.0, 4.0]]
    assert pool([first, other]).log_sum_exp.tolist() == [1.0, 2.0, 3.0, 6.0]
    assert average([first, SECOND]).log_sum_exp is None


def test_pooled_tables_have_the_attributes_of_all_of_them() -> None:
    first = replace(FIRST, attributes={"age": np.array(["5", "6"])})
    other = replace(SECOND, images=np.array(["c", "d"]), attributes={"sex": np.array(["f", "m"])})
    found = {name: values.tolist() for name, values in pool([first, other]).attributes.items()}
    assert found == {"age": ["5", "6", "", ""], "sex": ["", "", "f", "m"]}


def test_an_image_is_not_pooled_twice() -> None:
    with pytest.raises(InputError, match="the image occurs a second time"):
        pool([FIRST, SECOND])


def test_members_have_a_mean_and_a_sample_deviation() -> None:
    nan = float("nan")
    members = [{"accuracy": 0.5, "recall_mel": nan}, {"accuracy": 0.7, "recall_mel": 1.0}]
    mean, deviation = mean_and_deviation([*members, {"accuracy": 0.9, "recall_mel": 1.0}])
    assert (mean["accuracy"], deviation["accuracy"]) == (pytest.approx(0.7), pytest.approx(0.2))
    assert isnan(mean["recall_mel"])
    assert isnan(deviation["recall_mel"])
