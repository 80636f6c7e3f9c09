"""A comparison as tables for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from lightning_skin.evaluation.comparison.result import HEADLINES
from lightning_skin.evaluation.comparison.verdict import p_text, word

SHOWN = ("balanced_accuracy", "accuracy", "auroc", "nll", "ece")
MOVES = 3


def contenders_table(document: Mapping[str, Any]) -> Table:
    """Tabulate how good each contender is, with 95 % intervals.

    Args:
        document: From ``comparison_document``, with the detail ``differs`` of each contender.
    """
    table = Table("", "Run")
    table.add_column("Runs", justify="right")
    for metric in SHOWN[:3]:
        table.add_column(HEADLINES[metric], justify="right")
    for contender in document["contenders"]:
        cells = [
            _with_interval(contender["metrics"][metric], contender["intervals"][metric], "")
            for metric in SHOWN[:3]
        ]
        name, differs = contender["name"], contender["differs"]
        title = Text(name) if differs in ("", name) else Text(f"{name}\n{differs}")
        table.add_row(contender["key"], title, contender["counted"], *cells)
    return table


def differences_table(document: Mapping[str, Any]) -> Table:
    """Tabulate the differences of each pair with 95 % intervals, p-values and what follows from them.

    Args:
        document: From ``comparison_document``.
    """
    table = Table("Pair", "Metric")
    for title in ("First", "Second", "Difference [95 % CI]", "p", "p (Holm)"):
        table.add_column(title, justify="right")
    table.add_column("Second is")
    metrics = {contender["key"]: contender["metrics"] for contender in document["contenders"]}
    for pair in document["pairs"]:
        for metric in SHOWN:
            found = pair["differences"][metric]
            values = [_number(metrics[pair[side]][metric]) for side in ("first", "second")]
            table.add_row(
                f"{pair['first']}, {pair['second']}" if metric == SHOWN[0] else "",
                HEADLINES[metric],
                *values,
                _with_interval(found["value"], found["interval"], "+"),
                *(p_text(found[name]).removeprefix("= ") for name in ("p_value", "p_holm")),
                word(metric, found) or "–",
                end_section=metric == SHOWN[-1],
            )
    return table


def remarks(document: Mapping[str, Any]) -> list[str]:
    """A line on each pair about single images: how often they agree, who is right, and what moved most."""
    return [f"{pair['first']} and {pair['second']}: {_remark(pair)}" for pair in document["pairs"]]


def _remark(pair: Mapping[str, Any]) -> str:
    agreed, test = pair["agreement"], pair["mcnemar"]
    kappa = "" if agreed["kappa"] is None else f" (kappa {agreed['kappa']:.2f})"
    said = f"the same guess for {100 * agreed['share']:.1f} % of the images{kappa}"
    if test is None:
        return said
    return (
        f"{said}; only {pair['first']} right {test['only_first']}, only {pair['second']} right "
        f"{test['only_second']}, McNemar mid-p {p_text(test['mid_p_holm'])}, by groups "
        f"{p_text(test['grouped_holm'])} (Holm){_moved(pair['moves'])}"
    )


def _moved(moves: Sequence[Mapping[str, Any]]) -> str:
    texts = [
        f"{move['images']} {move['label']} from {move['before']} to {move['after']}" for move in moves[:MOVES]
    ]
    return f"; moved most: {', '.join(texts)}" if texts else ""


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


# Text, because a plain string such as "[0.1, 0.2]" would be read as markup.
def _with_interval(value: float | None, interval: Sequence[float | None], sign: str) -> Text:
    low, high = interval
    if value is None:
        return Text("–")
    if low is None:
        return Text(f"{value:{sign}.3f}")
    return Text(f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]")
