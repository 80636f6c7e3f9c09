import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.abstention import abstain
from lightning_skin.evaluation.predictions import Predictions


def two_classes(confidence: list[float], labels: list[int]) -> Predictions:
    """Images for which class 0 is guessed."""
    images = np.array([f"image{index}" for index in range(len(labels))])
    probabilities = np.column_stack([confidence, 1 - np.array(confidence)])
    return Predictions(images, labels, probabilities, images, ("nv", "mel"))


VAL = two_classes([0.75, 0.5625, 0.625, 0.9375, 0.875, 0.75, 0.6875, 0.8125, 0.6875, 0.5], [0] * 10)


@pytest.mark.parametrize(("coverage", "confidence"), [(0.7, 0.6875), (0.3, 0.8125), (0.31, 0.75), (1.0, 0.5)])
def test_confidence_is_the_highest_that_answers_so_many_validation_images(
    coverage: float, confidence: float
) -> None:
    assert abstain(VAL, VAL, coverage).confidence == confidence


def test_rule_is_frozen_for_the_test() -> None:
    test = two_classes([0.875, 0.8125, 0.9375, 0.75, 0.625], [0, 1, 0, 0, 1])
    found = abstain(VAL, test, 0.3)
    assert (found.answered.count, found.answered.total) == (3, 5)
    assert (found.accuracy.count, found.accuracy.total) == (2, 3)
    counts = {name: (share.count, share.total) for name, share in found.answered_per_class.items()}
    assert counts == {"nv": (2, 3), "mel": (1, 2)}


def test_no_test_image_that_is_confident_enough_has_no_accuracy() -> None:
    found = abstain(VAL, two_classes([0.5625, 0.625], [0, 1]), 0.3)
    assert found.answered.value == 0
    assert np.isnan(found.accuracy.value)


@pytest.mark.parametrize("coverage", [0, 80])
def test_coverage_out_of_range_is_refused(coverage: float) -> None:
    with pytest.raises(InputError, match=rf"is {coverage}, expected a number in \(0, 1\]"):
        abstain(VAL, VAL, coverage)
