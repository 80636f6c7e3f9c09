"""Scores of all test images and of the new ones, plain and averaged over views."""

import numpy as np
import pytest

from lightning_skin.evaluation.calibration import fit_temperature, fit_vector
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import evaluate
from lightning_skin.modes.scoring import Judged, member_scores, score, spread

IMAGES = np.array(["a", "b", "c", "d"])
LABELS = np.array([0, 1, 1, 0])
NEW = "_without_training_images"


def table(predicted: list[int]) -> Predictions:
    probabilities = np.where(np.eye(2, dtype=bool)[predicted], 0.9, 0.1)
    return Predictions(IMAGES, LABELS, probabilities, IMAGES, ("mel", "nv"))


PLAIN, AVERAGED = table([0, 1, 0, 0]), table([0, 1, 1, 1])


def judged(known: list[str], averaged: bool = False) -> Judged:
    tables = {"test": PLAIN, "test_tta": AVERAGED} if averaged else {"test": PLAIN}
    return Judged(tables, np.array(known))


def accuracies(found: Judged) -> dict[str, float | None]:
    return {name: one and one.metrics["accuracy"] for name, one in score(found, seed=0).items()}


def test_new_images_are_scored_apart() -> None:
    assert accuracies(judged(["", "", "", ""])) == {"test": 0.75}
    assert accuracies(judged(["image", "image", "", "group"])) == {
        "test": 0.75,
        f"test{NEW}": 0.5,
        "test_without_training_groups": 0,
    }


def test_without_a_new_image_there_is_no_score() -> None:
    assert accuracies(judged(["image"] * 4)) == {"test": 0.75, f"test{NEW}": None}
    assert accuracies(judged(["image"] * 4, averaged=True))[f"test_tta_minus_test{NEW}"] is None


def test_a_part_has_intervals_of_its_own() -> None:
    found = score(judged(["image", "", "", ""]), seed=3)
    assert found[f"test{NEW}"] == evaluate(PLAIN.subset(np.array([False, True, True, True])), seed=3)


def test_averaged_views_stand_beside_the_plain_ones_with_their_difference() -> None:
    found = accuracies(judged(["image", "", "", ""], averaged=True))
    assert found == {
        "test": 0.75,
        "test_tta": 0.75,
        "test_tta_minus_test": 0,
        f"test{NEW}": pytest.approx(2 / 3),
        f"test_tta{NEW}": pytest.approx(2 / 3),
        f"test_tta_minus_test{NEW}": 0,
    }


def test_members_are_scored_on_the_same_parts() -> None:
    scores = member_scores(judged(["image", "", "", ""], averaged=True), ["", NEW])
    assert {name: found and found["accuracy"] for name, found in scores.items()} == {
        "test": 0.75,
        f"test{NEW}": pytest.approx(2 / 3),
        "test_tta": 0.75,
        f"test_tta{NEW}": pytest.approx(2 / 3),
    }
    assert member_scores(judged(["image"] * 4), [NEW]) == {f"test{NEW}": None}


def test_the_spread_is_that_of_members_which_all_have_a_score() -> None:
    members = [{"test": {"accuracy": value}, "new": None} for value in (0.25, 0.75)]
    mean, deviation = spread(members)["test"] or ({}, {})
    assert (mean["accuracy"], deviation["accuracy"]) == (0.5, pytest.approx(0.125**0.5))
    assert spread(members)["new"] is None
    assert spread([{"new": {"accuracy": 1.0}}, {"new": None}])["new"] is None


def test_classes_change_their_order_in_every_table() -> None:
    turned = judged(["image", "", "", ""], averaged=True).with_classes(("nv", "mel"))
    assert turned.tables["test_tta"].labels.tolist() == [1, 0, 0, 1]
    assert accuracies(turned)["test"] == 0.75


def test_calibrated_predictions_stand_beside_the_plain_ones_with_their_difference() -> None:
    found = Judged({"val": AVERAGED, "test": PLAIN}, np.array(["image", "", "", ""]))
    calibrated = found.calibrated_on_val("temperature")
    assert calibrated.scaling == fit_temperature(AVERAGED)
    scores = score(calibrated, seed=0)
    assert list(scores) == [
        "val",
        *("test", "test_calibrated", "test_calibrated_minus_test"),
        *(f"{name}{NEW}" for name in ("test", "test_calibrated", "test_calibrated_minus_test")),
    ]
    assert scores["test_calibrated"] == evaluate(calibrated.scaling.calibrated(PLAIN), seed=0)
    assert scores["test"] == evaluate(PLAIN, seed=0)
    difference = scores["test_calibrated_minus_test"]
    assert difference and difference.metrics["accuracy"] == 0
    assert difference.metrics["nll"] != 0


def test_views_and_calibration_are_both_compared_with_the_plain_predictions() -> None:
    found = Judged({"val": PLAIN, "test": PLAIN, "test_tta": AVERAGED}, np.array([""] * 4))
    scores = score(found.calibrated_on_val("vector"), seed=0)
    assert set(scores) == {
        *("val", "test", "test_tta", "test_tta_minus_test"),
        *("test_calibrated", "test_calibrated_minus_test"),
    }
    # Averaged views are softer than what the calibration was fitted on.
    assert scores["test_tta"] == evaluate(AVERAGED, seed=0)
    assert scores["test_calibrated"] == evaluate(fit_vector(PLAIN).calibrated(PLAIN), seed=0)


def test_without_validation_images_or_wish_nothing_is_calibrated() -> None:
    alone = judged([""] * 4)
    assert alone.calibrated_on_val("temperature") is alone
    with_val = Judged({"val": PLAIN, "test": PLAIN}, np.array([""] * 4))
    assert with_val.calibrated_on_val("none") is with_val


def test_where_no_new_image_is_left_there_is_no_calibrated_score() -> None:
    found = Judged({"val": PLAIN, "test": PLAIN}, np.array(["image"] * 4)).calibrated_on_val("temperature")
    assert score(found, seed=0)[f"test_calibrated_minus_test{NEW}"] is None
