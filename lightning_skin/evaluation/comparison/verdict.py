"""What a comparison says, in sentences."""

from collections.abc import Mapping
from typing import Any

from lightning_skin.evaluation.comparison.result import DECISIVE, HEADLINES, LOWER_IS_BETTER

LEVEL = 0.05
NAMED = 40  # characters of a name that a sentence can carry beside its letter


def verdicts(document: Mapping[str, Any]) -> list[str]:
    """For each pair what the decisive metric says, and what else is clear; of one alone, how good it is.

    Args:
        document: From ``comparison_document``.
    """
    contenders = {contender["key"]: contender for contender in document["contenders"]}
    if not document["pairs"]:
        return [_alone(contender) for contender in contenders.values()]
    return [_of_pair(pair, contenders) for pair in document["pairs"]]


def word(metric: str, found: Mapping[str, Any]) -> str:
    """Whether a difference makes the second ``better`` or ``worse``; empty where that cannot be told.

    It can where the Holm-adjusted p-value is below 5 %.
    """
    if found["p_holm"] is None or found["p_holm"] >= LEVEL or found["value"] == 0:
        return ""
    return "better" if (found["value"] > 0) != (metric in LOWER_IS_BETTER) else "worse"


def _of_pair(pair: Mapping[str, Any], contenders: Mapping[str, Mapping[str, Any]]) -> str:
    sides = [contenders[pair[side]] for side in ("second", "first")]
    second, first = map(_titled, sides)
    found = pair["differences"][DECISIVE]
    values = [side["metrics"][DECISIVE] for side in sides]
    low, high = found["interval"]
    numbers = (
        f"{values[0]:.3f} against {values[1]:.3f}, {found['value']:+.3f} [{low:+.3f}, {high:+.3f}], "
        f"p {p_text(found['p_holm'])} after Holm"
    )
    title = HEADLINES[DECISIVE].lower()
    if not (judged := word(DECISIVE, found)):
        said = f"Whether {second} or {first} is better in {title} cannot be told here: {numbers}."
    else:
        said = f"{second} is {judged} than {first} in {title}: {numbers}."
    return f"{said}{_what_else(pair)}"


def _what_else(pair: Mapping[str, Any]) -> str:
    """The other metrics of all classes and the recalls of which a difference is clear."""
    clear: dict[str, list[str]] = {"better": [], "worse": []}
    for metric, found in pair["differences"].items():
        if metric != DECISIVE and "p_holm" in found and (judged := word(metric, found)):
            title = HEADLINES.get(metric, metric.replace("recall_", "Recall of ", 1))
            clear[judged].append(f"{title} ({found['value']:+.3f})")
    texts = [f"{judged} {', '.join(titles)}" for judged, titles in clear.items() if titles]
    return f" Also clear: {'; '.join(texts)}." if texts else ""


def _titled(contender: Mapping[str, Any]) -> str:
    letter, name = contender["key"], contender["name"]
    return f"{letter} ({name})" if len(name) <= NAMED else letter


def _alone(contender: Mapping[str, Any]) -> str:
    low, high = contender["intervals"][DECISIVE]
    text = f"{HEADLINES[DECISIVE]} {contender['metrics'][DECISIVE]:.3f} [{low:.3f}, {high:.3f}]"
    if contender["deviation_over_runs"] is not None:
        mean, deviation = (contender[f"{of}_over_runs"][DECISIVE] for of in ("mean", "deviation"))
        text += f"; {mean:.3f} ± {deviation:.3f} over its {contender['counted']}"
    return f"{text}."


def p_text(p_value: float | None) -> str:
    """A p-value with its sign of equality, such as ``= 0.012``."""
    if p_value is None:
        return "undefined"
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
