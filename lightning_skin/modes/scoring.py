"""The scores of predictions: of all test images and of those that are new, plain and averaged over views."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.calibration import FITS
from lightning_skin.evaluation.ensemble import mean_and_deviation
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.summary import Evaluation, compare, evaluate
from lightning_skin.modes.unseen import parts_of, rows_of

AVERAGED = "test_tta"
CALIBRATED = "test_calibrated"
MINUS_TEST = "_minus_test"
"""Ends the names of paired differences from the plain predictions."""

Metrics = dict[str, float]


class Judged(NamedTuple):
    """What a network, or several as one, said of images.

    Attributes:
        tables: ``test``; ``test_tta`` where probabilities were averaged over views; ``test_calibrated``
            where they were calibrated; ``val`` where that was evaluated.
        known: What of each test image was trained on, in the terms of ``known_from_training`` ``(N,)``.
        scaling: What calibrated them all; ``None`` where nothing did, or each round something else.
    """

    tables: Mapping[str, Predictions]
    known: NDArray[np.str_]
    scaling: Scaling | None = None

    def with_classes(self, class_names: Sequence[str]) -> "Judged":
        """The same with the classes in another order."""
        tables = {split: table.with_classes(class_names) for split, table in self.tables.items()}
        return self._replace(tables=tables)

    def calibrated(self, scaling: Scaling) -> "Judged":
        """The same with calibrated predictions of the test images beside the plain ones.

        Raises:
            InputError: The calibration is of other classes.
        """
        tables = {**self.tables, CALIBRATED: scaling.calibrated(self.tables["test"])}
        return self._replace(tables=tables, scaling=scaling)

    def calibrated_on_val(self, kind: str) -> "Judged":
        """The same, calibrated on its validation images; as it is where there are none.

        Args:
            kind: ``temperature``, ``vector`` or ``none``.
        """
        if kind not in FITS or "val" not in self.tables:
            return self
        return self.calibrated(FITS[kind](self.tables["val"]))


def score(judged: Judged, seed: int) -> dict[str, Evaluation | None]:
    """Evaluate every table, and each part of the test images that ``parts_of`` tells apart.

    Returns:
        By split and part, such as ``test_without_training_images``; ``None`` where no image is left. Averaged
        views are compared with the plain ones under ``test_tta_minus_test``, calibrated predictions under
        ``test_calibrated_minus_test``.
    """
    found: dict[str, Evaluation | None] = {}
    if "val" in judged.tables:
        found["val"] = evaluate(judged.tables["val"], seed=seed)
    test = judged.tables["test"]
    others = [name for name in (AVERAGED, CALIBRATED) if name in judged.tables]
    for part in parts_of(judged.known):
        rows = rows_of(part, judged.known)
        of_part = test.subset(rows) if rows.any() else None
        if not others:
            found["test" + part] = None if of_part is None else evaluate(of_part, seed=seed)
        for other in others:
            names = [name + part for name in ("test", other, other + MINUS_TEST)]
            if of_part is None:
                found |= dict.fromkeys(names)
            else:
                comparison = compare(of_part, judged.tables[other].subset(rows), seed=seed)
                found |= zip(names, comparison, strict=True)
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
