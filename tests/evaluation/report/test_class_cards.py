import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.class_cards import class_cards
from lightning_skin.evaluation.summary import evaluate

NAMES = ("a", "b", "c", "d", "e", "f")


def test_what_a_class_is_taken_for_and_what_for_it() -> None:
    labels = [0] * 9 + [1]
    guesses = [0, 1, 1, 1, 2, 2, 3, 4, 5, 0]
    images = [str(row) for row in range(10)]
    test = Predictions(images, labels, np.eye(6)[guesses], images, NAMES)
    first, second, *_ = class_cards(Findings(test=test, evaluation=evaluate(test, seed=0)))
    assert first.missed == (
        "Of 9 images of a, 1 were found; the others were taken for b (3), c (2), d (1), other classes (2)."
    )
    assert first.mistaken == "Of 2 guesses of a, 1 were right; the others show b (1)."
    assert second.missed == "Of 1 images of b, 0 were found; the others were taken for a (1)."
    assert dict(first.figures)["Recall"].startswith("0.111 [")
