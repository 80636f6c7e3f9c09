"""Where a classifier fails: the mistakes that it was surest of, and the classes that it confuses."""

from dataclasses import dataclass

import numpy as np

from lightning_skin.evaluation.metrics import confusion_matrix
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import IntArray


@dataclass(frozen=True)
class Mistake:
    """An image that was taken for another class.

    Attributes:
        row: Of the table.
        image: Its name.
        group: Its lesion or patient.
        label: True class.
        predicted: The guess.
        confidence: Probability of the guess.
        probability: Of the true class.
    """

    row: int
    image: str
    group: str
    label: str
    predicted: str
    confidence: float
    probability: float


@dataclass(frozen=True)
class ConfusedPair:
    """Images of one class that were taken for a certain other one.

    Attributes:
        label: True class.
        predicted: The guess.
        count: How many.
        groups: Lesions or patients among them.
        share: Of all images of the true class, in (0, 1].
        rows: Of the table, from the surest guess on.
    """

    label: str
    predicted: str
    count: int
    groups: int
    share: float
    rows: tuple[int, ...]


def most_confident_mistakes(predictions: Predictions, n: int) -> list[Mistake]:
    """Find the wrong guesses with the largest probabilities, the surest first, equals in the table's order.

    Args:
        predictions: Table to look through.
        n: At most so many; all, where there are fewer.
    """
    names, predicted = predictions.class_names, predictions.predicted
    return [
        Mistake(
            row=row,
            image=str(predictions.images[row]),
            group=str(predictions.groups[row]),
            label=names[predictions.labels[row]],
            predicted=names[predicted[row]],
            confidence=float(predictions.probabilities[row, predicted[row]]),
            probability=float(predictions.probabilities[row, predictions.labels[row]]),
        )
        for row in _mistakes(predictions)[:n].tolist()
    ]


def most_confused_pairs(predictions: Predictions, n: int) -> list[ConfusedPair]:
    """Find the classes that are most often taken for a certain other one.

    Pairs have a direction: melanoma taken for a naevus is another mistake than the reverse. They are sorted
    by the number of images, then by the share of the true class.

    Args:
        predictions: Table to look through.
        n: At most so many; all, where there are fewer.
    """
    names, predicted = predictions.class_names, predictions.predicted
    confusion = confusion_matrix(predictions.labels, predicted, len(names))
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    off_diagonal = [(row, column) for row, column in np.argwhere(confusion > 0).tolist() if row != column]
    ranked = sorted(off_diagonal, key=lambda cell: (-confusion[cell], -shares[cell]))[:n]
    mistakes = _mistakes(predictions)
    found = []
    for label, guess in ranked:
        of_pair = (predictions.labels[mistakes] == label) & (predicted[mistakes] == guess)
        rows = mistakes[of_pair]
        found.append(
            ConfusedPair(
                label=names[label],
                predicted=names[guess],
                count=len(rows),
                groups=len(np.unique(predictions.groups[rows])),
                share=float(shares[label, guess]),
                rows=tuple(rows.tolist()),
            )
        )
    return found


def _mistakes(predictions: Predictions) -> IntArray:
    """Rows of the wrong guesses, from the surest on."""
    wrong = np.flatnonzero(predictions.predicted != predictions.labels)
    confidence = predictions.probabilities[wrong].max(axis=1)
    return wrong[np.argsort(-confidence, kind="stable")]
