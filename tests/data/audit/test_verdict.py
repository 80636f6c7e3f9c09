from collections.abc import Callable
from typing import Any

import pytest

from lightning_skin.data.audit.verdict import Finding, findings, headline

Audit = dict[str, Any]


def line(audit: Audit, kind: str) -> Finding:
    return next(line for line in findings(audit) if line.kind == kind)


def test_a_clean_collection_is_clear_in_every_line(audit: Audit) -> None:
    lines = findings(audit)
    assert [line.kind for line in lines] == [
        "leakage",
        "broken",
        "copies",
        "near_duplicates",
        "contradictions",
        "outliers",
        "small_classes",
    ]
    assert {(line.state, line.found, line.done) for line in lines} == {("clear", 0, "")}
    assert headline(lines) == (
        "No lesion, patient or copy is shared between two splits. Nothing else was found."
    )


@pytest.mark.parametrize(
    ("kind", "value", "state"),
    [
        ("broken", "skip", "look"),
        ("broken", "fail", "decide"),
        ("copies", "group", "look"),
        ("near_duplicates", "drop", "look"),
        ("contradictions", "keep", "decide"),
        ("contradictions", "drop", "look"),
        ("outliers", "keep", "look"),
    ],
)
def test_a_policy_decides_whether_a_finding_needs_a_decision(
    audit: Audit, kind: str, value: str, state: str
) -> None:
    audit[kind] = [{}, {}]
    audit["policies"][kind] = {"key": "data.some_key", "value": value}
    finding = line(audit, kind)
    assert (finding.found, finding.state, finding.setting) == (2, state, f"data.some_key={value}")
    assert finding.done


def test_what_was_not_looked_for_is_not_called_clear(audit: Audit) -> None:
    audit["policies"]["near_duplicates"]["value"] = "ignore"
    finding = line(audit, "near_duplicates")
    assert (finding.found, finding.state) == (0, "look")
    assert finding.done.startswith("not looked for")


def test_leaks_are_summed_and_come_first_in_the_headline(audit: Audit) -> None:
    audit["shared"] |= {"groups": 3, "images": 7}
    finding = line(audit, "leakage")
    assert (finding.found, finding.unit, finding.state) == (3, "groups", "decide")
    assert headline(findings(audit)) == "Shared by two splits: 3 groups, 7 images. Nothing else was found."


def test_a_duplicate_alone_is_a_leak(audit: Audit) -> None:
    audit["shared"]["duplicates"] = 1
    finding = line(audit, "leakage")
    assert (finding.found, finding.unit, finding.state) == (1, "duplicate", "decide")


def test_the_headline_names_what_is_to_be_decided(audit: Audit) -> None:
    audit |= {"contradictions": [{}], "broken": [{}]}
    assert headline(findings(audit)).endswith("To be decided: the same image under two labels.")


def test_units_agree_with_their_number(audit: Audit, image: Callable[..., Any]) -> None:
    audit |= {"small_classes": [{"label": "df"}], "outliers": [image("a.jpg")]}
    assert [(line(audit, kind).found, line(audit, kind).unit) for kind in ("small_classes", "outliers")] == [
        (1, "class"),
        (1, "image"),
    ]
    assert line(audit, "broken").unit == "files"
