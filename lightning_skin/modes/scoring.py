"""The scores of predictions: of all test images and of those that are new, plain and averaged over views."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.ensemble import mean_and_deviation
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation, compare, evaluate
from lightning_skin.modes.unseen import parts_of, rows_of

DIFFERENCE = "test_tta_minus_test"

Metrics = dict[str, float]


class Judged(NamedTuple):
    """What a network, or several as one, said of images.

    Attributes:
        tables: ``test``; ``test_tta`` where probabilities were averaged over views; ``val`` where that was
            evaluated.
        known: What of each test image was trained on, in the terms of ``known_from_training`` ``(N,)``.
    """

    tables: Mapping[str, Predictions]
    known: NDArray[np.str_]

    def with_classes(self, class_names: Sequence[str]) -> "Judged":
        """The same with the classes in another order."""
        tables = {split: table.with_classes(class_names) for split, table in self.tables.items()}
        return self._replace(tables=tables)


def score(judged: Judged, seed: int) -> dict[str, Evaluation | None]:
    """Evaluate every table, and each part of the test images that ``parts_of`` tells apart.

    Returns:
        By split and part, such as ``test_without_training_images``; ``None`` where no image is left. Averaged
        views are compared with the plain ones under ``test_tta_minus_test``.
    """
    found: dict[str, Evaluation | None] = {}
    if "val" in judged.tables:
        found["val"] = evaluate(judged.tables["val"], seed=seed)
    test, averaged = judged.tables["test"], judged.tables.get("test_tta")
    for part in parts_of(judged.known):
        rows = rows_of(part, judged.known)
        names = [name + part for name in ("test", "test_tta", DIFFERENCE)]
        if averaged is None:
            found[names[0]] = evaluate(test.subset(rows), seed=seed) if rows.any() else None
        elif rows.any():
            comparison = compare(test.subset(rows), averaged.subset(rows), seed=seed)
            found |= zip(names, comparison, strict=True)
        else:
            found |= dict.fromkeys(names)
    return found


def member_scores(member: Judged, parts: Sequence[str]) -> dict[str, Metrics | None]:
    """The metrics of one network of an ensemble, under the names of ``score``.

    Args:
        member: What it said.
        parts: Of the test images, from ``parts_of``.
    """
    rows = {part: rows_of(part, member.known) for part in parts}
    return {
        split + part: _metrics(table.subset(rows[part])) if rows[part].any() else None
        for split, table in member.tables.items()
        for part in parts
    }


def spread(members: Sequence[Mapping[str, Metrics | None]]) -> dict[str, tuple[Metrics, Metrics] | None]:
    """Mean and standard deviation of ``member_scores`` over the networks; ``None`` where one has none."""
    found: dict[str, tuple[Metrics, Metrics] | None] = {}
    for name in members[0]:
        known = [metrics for member in members if (metrics := member[name]) is not None]
        found[name] = mean_and_deviation(known) if len(known) == len(members) else None
    return found


def _metrics(table: Predictions) -> Metrics:
    return classification_metrics(table.labels, table.probabilities, table.class_names)
