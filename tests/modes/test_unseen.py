"""Scores without the test images that training gave away."""

import numpy as np
import pytest

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation, evaluate
from lightning_skin.modes.unseen import evaluate_unseen, headlines

IMAGES = np.array(["a", "b", "c", "d"])
SURE = np.array([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.1]])
TABLE = Predictions(IMAGES, np.array([0, 1, 1, 0]), SURE, IMAGES, ("mel", "nv"))


def accuracies(known: list[str]) -> dict[str, float | None]:
    unseen = evaluate_unseen(TABLE, np.array(known), seed=0)
    return {name: found and found.metrics["accuracy"] for name, found in unseen.items()}


def test_training_images_are_left_out() -> None:
    assert accuracies(["image", "image", "", ""]) == {"test_without_training_images": 0.5}


def test_other_images_of_lesions_trained_on_are_left_out_of_a_part_of_their_own() -> None:
    assert accuracies(["image", "group", "", "group"]) == {
        "test_without_training_images": pytest.approx(2 / 3),
        "test_without_training_groups": 0,
    }


def test_lesions_alone_can_be_known() -> None:
    assert accuracies(["", "", "group", ""]) == {"test_without_training_groups": 1}


def test_without_a_new_image_there_is_no_score() -> None:
    assert accuracies(["image"] * 4) == {"test_without_training_images": None}


def test_without_a_known_image_there_is_no_part() -> None:
    assert accuracies([""] * 4) == {}


def test_a_part_has_intervals_of_its_own() -> None:
    unseen = evaluate_unseen(TABLE, np.array(["image", "", "", ""]), seed=3)
    rest = TABLE.subset(np.array([False, True, True, True]))
    assert unseen["test_without_training_images"] == evaluate(rest, seed=3)


def test_all_images_and_the_parts_that_are_left_stand_side_by_side() -> None:
    test, part = (
        Evaluation({"count_mel": 2.0, "count_nv": count, "accuracy": 1.0}, {}) for count in (7.0, 0.0)
    )
    assert headlines(test, {}) == {"Value [95 % CI]": test}
    unseen = {"test_without_training_images": part, "test_without_training_groups": None}
    assert headlines(test, unseen) == {
        "All 9 test images": test,
        "2 not trained on": part,
    }
