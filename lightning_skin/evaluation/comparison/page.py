"""A comparison as one page for people; comparison.json holds the same for programs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lightning_skin.evaluation.comparison.result import DECISIVE, HEADLINES, LOWER_IS_BETTER
from lightning_skin.evaluation.comparison.verdict import p_text, verdicts, word
from lightning_skin.page import render_page

OPEN = 3  # pairs that are shown unfolded
MOVES = 12  # rows of the table of moves of a pair
DRAWN = tuple(metric for metric in HEADLINES if metric != "nll")
"""Differences on one axis; that of the log loss has another scale."""
IN_TABLE = ("balanced_accuracy", "accuracy", "auroc", "nll", "ece")

Entry = Mapping[str, Any]


def comparison_page(document: Entry) -> str:
    """Draw a comparison as one self-contained HTML page.

    Args:
        document: From ``comparison_document``, with the facts ``created``, ``version``, ``split``,
            ``malignant`` and ``seed``, and the details ``paths`` and ``differs`` of each contender.
    """
    contenders = {contender["key"]: contender for contender in document["contenders"]}
    return render_page(
        "evaluation/comparison/page.html.j2",
        document=document,
        contenders=contenders,
        headline=_headline(document["contenders"]),
        sentences=verdicts(document),
        decisive=HEADLINES[DECISIVE],
        headlines={name: title for name, title in HEADLINES.items() if name in _first_metrics(document)},
        lower_is_better=LOWER_IS_BETTER,
        in_table=IN_TABLE,
        standing_axis=_axis(contender["intervals"][DECISIVE] for contender in document["contenders"]),
        headlines_axis=_axis(_intervals(document, DRAWN), around=0.0),
        recalls_axis=_axis(_intervals(document, [f"recall_{name}" for name in document["classes"]]), 0.0),
        drawn=DRAWN,
        confusion_changes=[_confusion_change(contenders, pair) for pair in document["pairs"]],
        agreements=_agreements(document),
        open=OPEN,
        moves=MOVES,
        word=word,
        p_text=p_text,
    )


def _headline(contenders: Sequence[Entry]) -> str:
    names = [contender["name"] for contender in contenders]
    return " against ".join(reversed(names)) if len(names) < 3 else f"{len(names)} runs compared"


def _first_metrics(document: Entry) -> Entry:
    metrics: Entry = document["contenders"][0]["metrics"]
    return metrics


def _intervals(document: Entry, metrics: Sequence[str]) -> list[Sequence[float | None]]:
    found = [pair["differences"] for pair in document["pairs"]]
    return [of_pair[metric]["interval"] for of_pair in found for metric in metrics if metric in of_pair]


def _axis(intervals: Iterable[Sequence[float | None]], around: float | None = None) -> tuple[float, float]:
    """Ends of an axis that holds all intervals, and of equal halves about a middle where one is given."""
    ends = [end for interval in intervals for end in interval if end is not None]
    if not ends:
        return (0.0, 1.0) if around is None else (around - 1, around + 1)
    low, high = min(ends), max(ends)
    if around is not None:
        reach = max(abs(low - around), abs(high - around), 0.01)
        return (around - reach, around + reach)
    return (low, high) if high > low else (low - 0.01, high + 0.01)


def _confusion_change(contenders: Mapping[str, Entry], pair: Entry) -> list[list[dict[str, float]]]:
    """Change of each cell in images, and in percentage points of the true class."""
    first, second = (contenders[pair[side]]["confusion"] for side in ("first", "second"))
    return [
        [
            {"images": after - before, "points": 100 * (after - before) / total if total else 0.0}
            for before, after in zip(*rows, strict=True)
        ]
        for rows, total in zip(zip(first, second, strict=True), map(sum, first), strict=True)
    ]


def _agreements(document: Entry) -> dict[tuple[str, str], Entry | None]:
    """Agreement of each two contenders that were compared, and of the runs within each."""
    between = {(pair["first"], pair["second"]): pair["agreement"] for pair in document["pairs"]}
    within = {(one["key"], one["key"]): one["agreement_within"] for one in document["contenders"]}
    return between | {(second, first): found for (first, second), found in between.items()} | within
