import numpy as np
import pytest

from lightning_skin.evaluation.pairs import (
    ConfusedPair,
    Mistake,
    most_confident_mistakes,
    most_confused_pairs,
)
from lightning_skin.evaluation.predictions import Predictions

CLASSES = ("mel", "nv", "df")


@pytest.fixture
def table() -> Predictions:
    guesses = [  # label, guess, confidence, group
        (0, 1, 0.75, "p"),
        (0, 1, 0.875, "p"),
        (0, 0, 0.9375, "q"),
        (1, 0, 0.75, "r"),
        (1, 1, 0.75, "s"),
        (2, 1, 0.5, "t"),
    ]
    labels, predicted, confidences, groups = (np.array(column) for column in zip(*guesses, strict=True))
    probabilities = np.repeat((1 - confidences)[:, None] / 2, 3, axis=1)
    probabilities[np.arange(6), predicted] = confidences
    return Predictions(np.array(list("abcdef")), labels, probabilities, groups, CLASSES)


def test_the_surest_mistakes_come_first_and_equals_in_the_order_of_the_table(table: Predictions) -> None:
    found = most_confident_mistakes(table, 3)
    assert [mistake.image for mistake in found] == ["b", "a", "d"]
    assert found[0] == Mistake(
        row=1, image="b", group="p", label="mel", predicted="nv", confidence=0.875, probability=0.0625
    )


def test_there_are_no_more_mistakes_than_there_are(table: Predictions) -> None:
    assert len(most_confident_mistakes(table, 100)) == 4
    right = table.subset(np.array([False, False, True, False, True, False]))
    assert most_confident_mistakes(right, 5) == []
    assert most_confused_pairs(right, 5) == []


def test_pairs_have_a_direction_and_their_images(table: Predictions) -> None:
    found = most_confused_pairs(table, 5)
    assert found[0] == ConfusedPair(
        label="mel", predicted="nv", count=2, groups=1, share=pytest.approx(2 / 3), rows=(1, 0)
    )
    # Among those of one image, the larger share of the true class goes first.
    assert [(pair.label, pair.predicted, pair.share) for pair in found[1:]] == [
        ("df", "nv", 1),
        ("nv", "mel", 0.5),
    ]


def test_no_more_pairs_than_asked_for(table: Predictions) -> None:
    assert [pair.label for pair in most_confused_pairs(table, 1)] == ["mel"]
