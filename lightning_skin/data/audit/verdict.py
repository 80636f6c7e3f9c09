"""One line for each kind of finding: how much of it, what was done, whether it needs a decision."""

from collections.abc import Mapping
from typing import Any, NamedTuple

DECIDE, LOOK, CLEAR = "decide", "look", "clear"  # worst first


class Finding(NamedTuple):
    """A line of the verdict.

    Attributes:
        kind: Key of the audit document.
        name: What was looked for.
        found: How much of it there is.
        unit: What is counted.
        done: What happened to it; empty where nothing was found.
        setting: ``key=value`` that decided so; empty where no key does.
        state: ``clear`` where nothing was found, ``look`` where it was dealt with or may be harmless,
            ``decide`` where it distorts scores or stops a run.
    """

    kind: str
    name: str
    found: int
    unit: str
    done: str
    setting: str
    state: str


NAMES = {
    "leakage": ("Shared between splits", "group"),
    "broken": ("Files that cannot be read", "file"),
    "copies": ("Identical copies", "set"),
    "near_duplicates": ("Near-duplicates", "pair"),
    "contradictions": ("The same image under two labels", "set"),
    "outliers": ("Images unlike the rest", "image"),
    "small_classes": ("Small classes", "class"),
}

_STOPS = "a run on this data stops"

# What the values of a policy do, for each kind of finding.
EFFECTS = {
    "broken": {"skip": "left out", "fail": _STOPS},
    "copies": {
        "group": "kept together, so that no split shares them",
        "drop": "one of each set and label kept, the others left out",
        "fail": _STOPS,
    },
    "near_duplicates": {
        "group": "kept together, so that no split shares them",
        "drop": "one version of each picture and label kept; other pictures of one lesion kept together",
        "fail": _STOPS,
        "ignore": "not looked for, nor for the same pixels in other bytes",
    },
    "contradictions": {"keep": "left in, under each label", "drop": "all of them left out", "fail": _STOPS},
    "outliers": {"keep": "left in", "drop": "left out", "fail": _STOPS},
}

_HARMFUL = {("contradictions", "keep")}


def findings(audit: Mapping[str, Any]) -> list[Finding]:
    """Sum the audit document up, in the order of its sections."""
    return [_leakage(audit), *(_finding(audit, kind) for kind in EFFECTS), _small_classes(audit)]


def headline(lines: list[Finding]) -> str:
    """Say in one or two sentences what matters most."""
    leakage, *others = lines
    if decide := [line.name.lower() for line in others if line.state == DECIDE]:
        rest = f"To be decided: {', '.join(decide)}."
    elif any(line.state == LOOK for line in others):
        rest = "What was found is dealt with or may be harmless; it is listed below."
    else:
        rest = "Nothing else was found."
    shared = leakage.done or "no lesion, patient or copy is shared between two splits"
    return f"{shared[0].upper()}{shared[1:]}. {rest}"


def _finding(audit: Mapping[str, Any], kind: str) -> Finding:
    count = len(audit[kind])
    policy = audit["policies"][kind]
    value = policy["value"]
    setting = f"{policy['key']}={value}"
    if value == "ignore":
        return Finding(kind, *_named(kind, count), EFFECTS[kind][value], setting, LOOK)
    if not count:
        return Finding(kind, *_named(kind, count), "", setting, CLEAR)
    state = DECIDE if value == "fail" or (kind, value) in _HARMFUL else LOOK
    return Finding(kind, *_named(kind, count), EFFECTS[kind].get(value, value), setting, state)


def _leakage(audit: Mapping[str, Any]) -> Finding:
    shared = audit["shared"]
    found = {unit: shared[f"{unit}s"] for unit in ("group", "image", "duplicate") if shared[f"{unit}s"]}
    if not found:
        return Finding("leakage", *_named("leakage", 0), "", "", CLEAR)
    unit, count = next(iter(found.items()))
    amounts = ", ".join(f"{count:,} {_units(unit, count)}" for unit, count in found.items())
    done = f"shared by two splits: {amounts}"
    return Finding("leakage", NAMES["leakage"][0], count, _units(unit, count), done, "", DECIDE)


def _small_classes(audit: Mapping[str, Any]) -> Finding:
    count = len(audit["small_classes"])
    done = "left in; their scores will be uncertain" if count else ""
    return Finding("small_classes", *_named("small_classes", count), done, "", LOOK if count else CLEAR)


def _named(kind: str, count: int) -> tuple[str, int, str]:
    name, unit = NAMES[kind]
    return name, count, _units(unit, count)


def _units(unit: str, count: int) -> str:
    if count == 1:
        return unit
    return "classes" if unit == "class" else f"{unit}s"
