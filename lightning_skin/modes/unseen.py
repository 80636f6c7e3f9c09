"""Scores on the test images that are new to a network."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation, evaluate

LEFT_OUT = {
    "test_without_training_images": ("image",),
    "test_without_training_groups": ("image", "group"),
}
"""What each part of the test images leaves out, in the terms of ``known_from_training``."""

TITLES = {
    "test": "All {count:.0f} test images",
    "test_without_training_images": "{count:.0f} not trained on",
    "test_without_training_groups": "{count:.0f} of new lesions or patients",
}


def evaluate_unseen(table: Predictions, known: NDArray[np.str_], seed: int) -> dict[str, Evaluation | None]:
    """Evaluate the test images without those that training gave away.

    Args:
        table: Of all test images.
        known: Of each image, from ``known_from_training`` ``(N,)``.
        seed: Of the bootstrap.

    Returns:
        A part for each kind of known images that there are, ``None`` where no other image is left.
    """
    parts = {name: kinds for name, kinds in LEFT_OUT.items() if kinds[-1] in known}
    new = {name: ~np.isin(known, kinds) for name, kinds in parts.items()}
    return {
        name: evaluate(table.subset(rows), seed=seed) if rows.any() else None for name, rows in new.items()
    }


def headlines(test: Evaluation, unseen: Mapping[str, Evaluation | None]) -> dict[str, Evaluation]:
    """Name the columns of the headline table: all test images, and beside them the parts that are left."""
    if not unseen:
        return {"Value [95 % CI]": test}
    found = {"test": test, **unseen}
    return {
        TITLES[name].format(count=_count(evaluation)): evaluation
        for name, evaluation in found.items()
        if evaluation is not None
    }


def _count(evaluation: Evaluation) -> float:
    return sum(value for name, value in evaluation.metrics.items() if name.startswith("count_"))
