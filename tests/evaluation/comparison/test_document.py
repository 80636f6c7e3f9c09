import json
from dataclasses import replace
from typing import Any

import pytest

from lightning_skin.evaluation.comparison.document import comparison_document, comparison_rows, key
from lightning_skin.evaluation.comparison.result import Comparison

Document = dict[str, Any]


def test_letters_go_on_after_z() -> None:
    assert [key(place) for place in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_the_document_holds_what_was_found(document: Document, comparison: Comparison) -> None:
    assert (document["images"], document["groups"], document["classes"]) == (
        60,
        30,
        {"bkl": 20, "mel": 20, "nv": 20},
    )
    assert [contender["key"] for contender in document["contenders"]] == ["A", "B", "C"]
    weak, _, seeds = document["contenders"]
    assert weak["metrics"] == comparison.standings[0].evaluation.metrics
    assert (weak["pooling"], weak["deviation_over_runs"], weak["agreement_within"]) == ("none", None, None)
    assert (seeds["pooling"], seeds["counted"]) == ("seeds", "3 seeds")
    assert 0 < seeds["agreement_within"]["share"] < 1
    assert sum(map(sum, seeds["confusion"])) == pytest.approx(60)
    single, several = document["pairs"]
    found = comparison.pairs[0]
    assert single["differences"]["accuracy"] == {
        "value": found.differences["accuracy"].value,
        "interval": list(found.differences["accuracy"].interval),
        "p_value": found.differences["accuracy"].p_value,
        "p_holm": comparison.adjusted[0]["accuracy"],
    }
    assert "p_holm" not in single["differences"]["specificity_mel"]
    assert single["aurocs"]["mel"]["p_holm"] == comparison.adjusted[0]["delong_mel"]
    assert single["moves"][0]["images"] >= single["moves"][-1]["images"]
    assert (several["aurocs"], several["mcnemar"], several["moves"]) == ({}, None, None)


def test_undefined_numbers_become_null(comparison: Comparison) -> None:
    standing = comparison.standings[0]
    evaluation = replace(
        standing.evaluation, metrics={**standing.evaluation.metrics, "recall_mel": float("nan")}
    )
    changed = [replace(standing, evaluation=evaluation), *comparison.standings[1:]]
    made = comparison_document(comparison._replace(standings=changed), [{}] * 3, {})
    assert made["contenders"][0]["metrics"]["recall_mel"] is None
    json.dumps(made, allow_nan=False)


def test_rows_are_one_for_each_pair_metric_and_test(document: Document) -> None:
    rows = comparison_rows(document)
    assert len({(row["first"], row["second"], row["metric"], row["test"]) for row in rows}) == len(rows)
    found = {(row["second"], row["metric"], row["test"]): row for row in rows}
    accuracy = found["B", "accuracy", "bootstrap"]
    assert accuracy["difference"] == pytest.approx(accuracy["second_value"] - accuracy["first_value"])
    area = found["B", "auroc_mel", "delong"]
    assert area["difference"] == pytest.approx(area["second_value"] - area["first_value"])
    test = document["pairs"][0]["mcnemar"]
    assert found["B", "accuracy", "mcnemar_mid_p"]["p_holm"] == test["mid_p_holm"]
    assert found["B", "accuracy", "mcnemar_exact"]["p_value"] == test["exact"]
    assert not any(row["second"] == "C" and row["test"] != "bootstrap" for row in rows)
