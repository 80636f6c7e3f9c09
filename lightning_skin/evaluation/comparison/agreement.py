"""How often classifiers say the same of an image, right or wrong."""

from collections.abc import Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.metrics import confusion_matrix
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import IntArray


class Agreement(NamedTuple):
    """Of the guesses of two classifiers.

    Attributes:
        share: Share of the images of which both say the same, in [0, 1].
        kappa: What that share exceeds chance by, of all that it could (Cohen, Educ. Psychol. Meas. 1960); NaN
            where both always guess one class.
    """

    share: float
    kappa: float


def agreement(first: IntArray, second: IntArray, num_classes: int) -> Agreement:
    """Compare two classifiers' guesses.

    Args:
        first: Guessed class indices ``(N,)``.
        second: Those of the other classifier ``(N,)``.
        num_classes: C.
    """
    shares = confusion_matrix(first, second, num_classes) / len(first)
    share, by_chance = float(np.trace(shares)), float(shares.sum(axis=0) @ shares.sum(axis=1))
    return Agreement(share, (share - by_chance) / (1 - by_chance) if by_chance < 1 else np.nan)


def agreement_between(first: Sequence[Predictions], second: Sequence[Predictions]) -> Agreement:
    """Mean agreement of each network of one kind with each of another.

    Args:
        first: Tables of the same images in the same order.
        second: Further ones of these images.
    """
    return _mean([_of_tables(*pair) for pair in product(first, second)])


def agreement_within(tables: Sequence[Predictions]) -> Agreement | None:
    """Mean agreement of the networks of one kind with each other; ``None`` where there is one only."""
    pairs = [_of_tables(*pair) for pair in combinations(tables, 2)]
    return _mean(pairs) if pairs else None


def _of_tables(first: Predictions, second: Predictions) -> Agreement:
    return agreement(first.predicted, second.predicted, len(first.class_names))


def _mean(found: Sequence[Agreement]) -> Agreement:
    shares, kappas = zip(*found, strict=True)
    return Agreement(float(np.mean(shares)), float(np.mean(kappas)))
