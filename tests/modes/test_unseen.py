"""The parts of the test images that training gave away, or not."""

import numpy as np
import pytest

from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.modes.unseen import known_to_any, parts_of, rows_of, title_of

IMAGES, GROUPS = "_without_training_images", "_without_training_groups"


@pytest.mark.parametrize(
    ("known", "parts"),
    [
        (["", ""], [""]),
        (["image", ""], ["", IMAGES]),
        (["", "group"], ["", GROUPS]),
        (["image", "group"], ["", IMAGES, GROUPS]),
    ],
    ids=str,
)
def test_there_is_a_part_for_each_kind_of_known_images(known: list[str], parts: list[str]) -> None:
    assert parts_of(np.array(known)) == parts


def test_a_part_leaves_out_what_was_trained_on() -> None:
    known = np.array(["image", "group", "", "group"])
    assert rows_of("", known).tolist() == [True, True, True, True]
    assert rows_of(IMAGES, known).tolist() == [False, True, True, True]
    assert rows_of(GROUPS, known).tolist() == [False, False, True, False]


def test_a_part_is_named_with_its_images() -> None:
    evaluation = Evaluation({"count_mel": 2.0, "count_nv": 7.0, "accuracy": 1.0}, {})
    assert title_of("", evaluation) == "All 9 test images"
    assert title_of(IMAGES, evaluation) == "9 not trained on"


def test_what_one_network_knows_all_know() -> None:
    first, second = np.array(["image", "group", "", ""]), np.array(["group", "image", "group", ""])
    assert known_to_any([first, second]).tolist() == ["image", "image", "group", ""]
    assert known_to_any([first]).tolist() == first.tolist()
