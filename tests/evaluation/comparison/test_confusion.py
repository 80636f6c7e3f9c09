from dataclasses import replace

import numpy as np

from lightning_skin.evaluation.comparison.confusion import Move, mean_confusion, moves
from lightning_skin.evaluation.predictions import Predictions

NAMES = ("bkl", "mel", "nv")
IMAGES = np.array(list("abcdef"))
LABELS = np.array([1, 1, 1, 2, 2, 0])


def guessing(*guesses: int) -> Predictions:
    return Predictions(IMAGES, LABELS, np.eye(3)[list(guesses)], IMAGES, NAMES)


FIRST = guessing(2, 2, 1, 2, 2, 1)
SECOND = guessing(1, 1, 2, 2, 2, 2)


def test_moves_are_counted_and_judged_the_commonest_first() -> None:
    found = moves(FIRST, SECOND)
    assert found == [Move("mel", "nv", "mel", 2), Move("bkl", "mel", "nv", 1), Move("mel", "mel", "nv", 1)]
    assert [move.kind for move in found] == ["mended", "wrong both times", "broken"]


def test_the_same_guesses_move_nothing() -> None:
    assert moves(FIRST, replace(FIRST, probabilities=np.eye(3)[FIRST.predicted] * 0.4 + 0.2)) == []


def test_the_confusion_of_several_tables_is_their_mean() -> None:
    assert mean_confusion([FIRST, SECOND]).tolist() == [[0, 0.5, 0.5], [0, 1.5, 1.5], [0, 0, 2]]
