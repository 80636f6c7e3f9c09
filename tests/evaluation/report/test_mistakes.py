import numpy as np

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.mistakes import LISTED, OF_A_PAIR, listed_mistakes


def test_every_pair_of_classes_has_its_surest_mistakes() -> None:
    """300 sure mistakes of one pair, and 8 unsure ones of another."""
    size = 310
    probabilities = np.zeros((size, 3))
    probabilities[:, 1] = np.linspace(0.99, 0.7, size)
    probabilities[300:308] = [0.4, 0, 0]
    probabilities[:, 2] = 1 - probabilities.sum(axis=1)
    probabilities[300:308, 2] = 0.35
    probabilities[300:308, 1] = 0.25
    labels = np.full(size, 2)
    labels[308:] = 1
    images = np.arange(size).astype(str)
    found = listed_mistakes(Predictions(images, labels, probabilities, images, ("bcc", "mel", "nv")))
    assert len(found) == LISTED + OF_A_PAIR
    assert [mistake.predicted for mistake in found[-OF_A_PAIR:]] == ["bcc"] * OF_A_PAIR
    confidences = [mistake.confidence for mistake in found]
    assert confidences == sorted(confidences, reverse=True)
