"""Where the confusion moved from one classifier to another."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.metrics import confusion_matrix
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray


class Move(NamedTuple):
    """Images of one class that the second classifier takes for something else than the first.

    Attributes:
        label: True class.
        before: What the first takes them for.
        after: What the second takes them for.
        images: How many they are.
    """

    label: str
    before: str
    after: str
    images: int

    @property
    def kind(self) -> str:
        """``mended``, ``broken``, or ``wrong both times``."""
        return {self.after: "mended", self.before: "broken"}.get(self.label, "wrong both times")


def moves(first: Predictions, second: Predictions) -> list[Move]:
    """Every way in which guesses differ, the commonest first.

    Args:
        first: A classifier's table.
        second: Another one's, of the same images in the same order.
    """
    names = np.asarray(first.class_names)
    columns = (names[first.labels], names[first.predicted], names[second.predicted])
    found = Counter(zip(*(column.tolist() for column in columns), strict=True))
    changed = [
        Move(label, before, after, images)
        for (label, before, after), images in found.items()
        if before != after
    ]
    return sorted(changed, key=lambda move: (-move.images, move))


def mean_confusion(tables: Sequence[Predictions]) -> FloatArray:
    """Images by true class (row) and guessed class (column), the mean over tables ``(C, C)``."""
    num_classes = len(tables[0].class_names)
    return np.mean([confusion_matrix(one.labels, one.predicted, num_classes) for one in tables], axis=0)
