"""An evaluated predictions table and its JSON form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from lightning_skin.atomic import atomic_path
from lightning_skin.evaluation.intervals import bootstrap_intervals, central_intervals, resampled_scores
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Evaluation:
    """What is known of a classifier on one table.

    Attributes:
        metrics: From ``classification_metrics``.
        intervals: 95 % intervals from ``bootstrap_intervals``.
    """

    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]


def evaluate(predictions: Predictions, *, seed: int) -> Evaluation:
    """Compute the metrics of a table and their intervals.

    Args:
        predictions: Table to judge.
        seed: Seed of the bootstrap.
    """
    metrics = classification_metrics(predictions.labels, predictions.probabilities, predictions.class_names)
    return Evaluation(metrics, bootstrap_intervals(predictions, seed=seed))


class Comparison(NamedTuple):
    """Two tables of the same images.

    Attributes:
        first: Of the first table.
        second: Of the second one.
        difference: Second less first; its intervals are paired, of the differences on the same resamples, so
            that they exclude 0 long before those of the two tables part.
    """

    first: Evaluation
    second: Evaluation
    difference: Evaluation


def compare(first: Predictions, second: Predictions, *, seed: int) -> Comparison:
    """Evaluate two tables of the same images, and by how much the second one is better.

    Args:
        first: Table to judge.
        second: Of the same images, in the same order.
        seed: Seed of the bootstrap.

    Raises:
        ValueError: Images, labels, groups or classes differ.
    """
    first.require_same_images(second)
    tables = (first, second)
    resampled = [resampled_scores(table, seed=seed) for table in tables]
    metrics = [classification_metrics(one.labels, one.probabilities, one.class_names) for one in tables]
    before, after = (
        Evaluation(values, central_intervals(scores))
        for values, scores in zip(metrics, resampled, strict=True)
    )
    changes = {name: resampled[1][name] - scores for name, scores in resampled[0].items()}
    difference = {name: metrics[1][name] - metrics[0][name] for name in changes}
    return Comparison(before, after, Evaluation(difference, central_intervals(changes)))


def metrics_json(
    evaluations: Mapping[str, Evaluation | None],
    baselines: Mapping[str, Mapping[str, float]],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Arrange evaluations as the document written to ``metrics.json``.

    Args:
        evaluations: By split, such as ``val`` and ``test``, or part of one; ``None`` where no image is left.
        baselines: From ``metrics.baselines``, or none.
        more: Further entries, of plain values and NaN.

    Returns:
        ``{<split>: metrics, ..., "intervals": {<split>: {<metric>: [low, high]}}}`` and, with baselines,
        ``"baselines": {"majority": metrics, "prior": metrics}``; undefined values are ``None``, since JSON has no NaN.
    """
    document: dict[str, Any] = {split: found and found.metrics for split, found in evaluations.items()}
    document["intervals"] = {split: found and found.intervals for split, found in evaluations.items()}
    if baselines:
        document["baselines"] = dict(baselines)
    return _without_nan({**document, **(more or {})})


def write_json(document: Mapping[str, Any], path: Path) -> None:
    """Write a document as indented JSON, complete or not at all.

    Args:
        document: Plain values; NaN is refused.
        path: File to write; an older one is replaced.

    Raises:
        ValueError: A number is not finite.
    """
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _without_nan(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
