"""One class in a few lines: its figures, what it is taken for, what is taken for it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.metrics import confusion_matrix
from lightning_skin.evaluation.report.numbers import PER_CLASS, cell, class_metrics

NAMED = 3  # classes that are named in a sentence


class Card(NamedTuple):
    """What is said about a class.

    Attributes:
        name: The class.
        figures: Title and value with its interval.
        missed: How many of its images were found, and what the others were taken for.
        mistaken: How many guesses of it were right, and what the others were.
    """

    name: str
    figures: Sequence[tuple[str, str]]
    missed: str
    mistaken: str


def class_cards(findings: Findings) -> list[Card]:
    """A card for each class, in their order."""
    test, evaluation = findings.test, findings.evaluation
    counts = confusion_matrix(test.labels, test.predicted, len(test.class_names)).astype(int)
    cards = []
    for index, name in enumerate(test.class_names):
        figures = [
            (PER_CLASS[metric].title, cell(evaluation, f"{metric}_{name}").told)
            for metric in class_metrics(evaluation, test.class_names)
        ]
        row, column = counts[index], counts[:, index]
        missed = f"Of {row.sum():,} images of {name}, {row[index]:,} were found"
        mistaken = f"Of {column.sum():,} guesses of {name}, {column[index]:,} were right"
        others = _others(row, index, test.class_names)
        missed += f"; the others were taken for {others}." if others else "."
        others = _others(column, index, test.class_names)
        mistaken += f"; the others show {others}." if others else "."
        cards.append(Card(name, figures, missed, mistaken))
    return cards


def _others(counts: np.ndarray, own: int, class_names: Sequence[str]) -> str:
    order = [int(index) for index in np.argsort(-counts, kind="stable") if index != own and counts[index]]
    named = [f"{class_names[index]} ({counts[index]:,})" for index in order[:NAMED]]
    if rest := int(sum(counts[index] for index in order[NAMED:])):
        named.append(f"other classes ({rest:,})")
    return ", ".join(named)
