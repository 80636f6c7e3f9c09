"""Answering only above a confidence that was chosen on other images."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.clustered import Share, clustered_share
from lightning_skin.evaluation.predictions import Predictions

ROUNDING = 1e-9  # a coverage of 0.7 of 10 images asks for 7, not for more than 7.0000000000000001


@dataclass(frozen=True)
class Abstention:
    """A rule for leaving images to somebody else, and how it turned out.

    Attributes:
        coverage: Share of the validation images that it was chosen to answer.
        confidence: Images whose largest probability reaches it are answered.
        answered: Test images that are.
        accuracy: Of these, the ones answered rightly.
        answered_per_class: Of each class's test images, those that are answered, by name.
    """

    coverage: float
    confidence: float
    answered: Share
    accuracy: Share
    answered_per_class: dict[str, Share]


def abstain(val: Predictions, test: Predictions, coverage: float) -> Abstention:
    """Choose the confidence above which a share of ``val`` lies, and judge it on ``test``.

    Args:
        val: Images to choose on; of equally confident ones all are answered.
        test: Images of the same classifier to judge on.
        coverage: Share to answer, in (0, 1].

    Raises:
        InputError: The coverage is outside (0, 1].
    """
    if not 0 < coverage <= 1:
        raise InputError(f"the coverage of the answers is {coverage}, expected a number in (0, 1]")
    ranked = np.sort(val.probabilities.max(axis=1))[::-1]
    confidence = float(ranked[ceil(coverage * len(ranked) - ROUNDING) - 1])
    answered = test.probabilities.max(axis=1) >= confidence
    right = test.predicted == test.labels
    of_class = {name: test.labels == label for label, name in enumerate(test.class_names)}
    return Abstention(
        coverage=coverage,
        confidence=confidence,
        answered=clustered_share(answered, test.groups),
        accuracy=clustered_share(right[answered], test.groups[answered]),
        answered_per_class={
            name: clustered_share(answered[rows], test.groups[rows]) for name, rows in of_class.items()
        },
    )
