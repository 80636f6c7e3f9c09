"""A comparison as a document for programs, and as the rows of a table."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np

from lightning_skin.evaluation.comparison.agreement import agreement_within
from lightning_skin.evaluation.comparison.confusion import mean_confusion
from lightning_skin.evaluation.comparison.result import Comparison, Pair, Standing
from lightning_skin.evaluation.summary import without_nan

COLUMNS = (
    *("first", "second", "metric", "first_value", "second_value", "difference", "low", "high"),
    *("test", "p_value", "p_holm"),
)
"""Of the rows of a document."""


def comparison_document(
    comparison: Comparison, details: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Arrange a comparison as the document written to ``comparison.json``.

    Args:
        comparison: To arrange.
        details: Further entries of each contender, of plain values.
        facts: Further entries of the document, likewise.

    Returns:
        Plain values: the test images, ``contenders`` under the letters A, B, ..., and ``pairs`` of them.
        Undefined numbers are ``None``.
    """
    table = comparison.standings[0].contender.tables[0]
    counts = np.bincount(table.labels, minlength=len(table.class_names)).tolist()
    contenders = [
        {"key": key(place), **_contender(standing), **details[place]}
        for place, standing in enumerate(comparison.standings)
    ]
    pairs = [_pair(*each) for each in zip(comparison.pairs, comparison.adjusted, strict=True)]
    document = {
        **facts,
        "images": len(table.images),
        "groups": len(set(table.groups)),
        "classes": dict(zip(table.class_names, counts, strict=True)),
        "left_out": comparison.left_out,
        "resamples": comparison.resamples,
        "contenders": contenders,
        "pairs": pairs,
    }
    plain: dict[str, Any] = without_nan(document)
    return plain


def key(place: int) -> str:
    """The letter of a contender: A, B, ..., Z, AA, AB, ..."""
    before, letter = divmod(place, len(ascii_uppercase))
    return (key(before - 1) if before else "") + ascii_uppercase[letter]


def comparison_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The differences of a document, one row of ``COLUMNS`` for each pair, metric and test.

    Args:
        document: From ``comparison_document``.
    """
    metrics = {contender["key"]: contender["metrics"] for contender in document["contenders"]}
    rows = []
    for pair in document["pairs"]:
        of_metrics = [("bootstrap", name, found) for name, found in pair["differences"].items()]
        of_classes = [("delong", f"auroc_{name}", found) for name, found in pair["aurocs"].items()]
        for test, metric, found in [*of_metrics, *of_classes, *_of_mcnemar(pair)]:
            low, high = found["interval"]
            rows.append(
                {
                    "first": pair["first"],
                    "second": pair["second"],
                    "metric": metric,
                    "first_value": metrics[pair["first"]][metric],
                    "second_value": metrics[pair["second"]][metric],
                    "difference": found["value"],
                    "low": low,
                    "high": high,
                    "test": test,
                    "p_value": found["p_value"],
                    "p_holm": found.get("p_holm"),
                }
            )
    return rows


def _of_mcnemar(pair: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    test = pair["mcnemar"]
    if test is None:
        return []
    value = pair["differences"]["accuracy"]["value"]
    return [
        (
            f"mcnemar_{kind}",
            "accuracy",
            {
                "value": value,
                "interval": (None, None),
                "p_value": test[kind],
                "p_holm": test.get(f"{kind}_holm"),
            },
        )
        for kind in ("exact", "mid_p", "grouped")
    ]


def _contender(standing: Standing) -> dict[str, Any]:
    contender = standing.contender
    within = agreement_within(contender.tables)
    mean, deviation = standing.over_runs or (None, None)
    return {
        "name": contender.name,
        "pooling": contender.pooling,
        "counted": contender.counted,
        "metrics": standing.evaluation.metrics,
        "intervals": standing.evaluation.intervals,
        "mean_over_runs": mean,
        "deviation_over_runs": deviation,
        "confusion": mean_confusion(contender.tables).tolist(),
        "agreement_within": None if within is None else within._asdict(),
    }


def _pair(pair: Pair, adjusted: Mapping[str, float]) -> dict[str, Any]:
    def with_holm(found: Mapping[str, Any], name: str) -> dict[str, Any]:
        return {**found, "p_holm": adjusted[name]} if name in adjusted else dict(found)

    test = None
    if pair.mcnemar is not None:
        test = {**pair.mcnemar._asdict(), **{f"{kind}_holm": adjusted[kind] for kind in ("mid_p", "grouped")}}
    return {
        "first": key(pair.first),
        "second": key(pair.second),
        "differences": {name: with_holm(found._asdict(), name) for name, found in pair.differences.items()},
        "aurocs": {name: with_holm(found._asdict(), f"delong_{name}") for name, found in pair.aurocs.items()},
        "malignant": None if pair.malignant is None else with_holm(pair.malignant._asdict(), "malignant"),
        "mcnemar": test,
        "agreement": pair.agreement._asdict(),
        "moves": None
        if pair.moves is None
        else [{**move._asdict(), "kind": move.kind} for move in pair.moves],
    }
