import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.evaluation.intervals import bootstrap_intervals
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation, compare, evaluate, metrics_json, write_json


def test_evaluation_holds_metrics_and_intervals_of_the_table() -> None:
    rng = np.random.default_rng(0)
    images = np.array([f"image{index}" for index in range(40)])
    predictions = Predictions(
        images, rng.integers(2, size=40), rng.dirichlet(np.ones(2), 40), images, ("nv", "mel")
    )
    evaluation = evaluate(predictions, seed=5)
    assert evaluation.metrics == classification_metrics(
        predictions.labels, predictions.probabilities, predictions.class_names
    )
    assert evaluation.intervals == bootstrap_intervals(predictions, seed=5)


def test_a_comparison_is_paired() -> None:
    rng = np.random.default_rng(1)
    images = np.array([f"image{index}" for index in range(60)])
    labels, noise = rng.integers(2, size=60), rng.dirichlet(np.ones(2), 60)
    first = Predictions(images, labels, noise, images, ("nv", "mel"))
    # Three images more are right, and all others as they were.
    wrong = np.flatnonzero(first.predicted != labels)[:3]
    better = first.probabilities.copy()
    better[wrong] = np.eye(2)[labels[wrong]]
    second = replace(first, probabilities=better)
    comparison = compare(first, second, seed=2)
    assert comparison.first == evaluate(first, seed=2)
    assert comparison.second == evaluate(second, seed=2)
    assert comparison.difference.metrics["accuracy"] == pytest.approx(3 / 60)
    low, high = comparison.difference.intervals["accuracy"]
    assert 0 <= low < 3 / 60 < high < 8 / 60
    apart = comparison.first.intervals["accuracy"][1] - comparison.first.intervals["accuracy"][0]
    assert high - low < apart / 2
    assert not [name for name in comparison.difference.metrics if name.startswith("count_")]


def test_tables_of_other_images_cannot_be_compared() -> None:
    images = np.array(["a", "b"])
    table = Predictions(images, np.array([0, 1]), np.full((2, 2), 0.5), images, ("nv", "mel"))
    with pytest.raises(ValueError, match="not of the same images"):
        compare(table, replace(table, images=images[::-1]), seed=0)


def test_document_has_splits_intervals_and_baseline_with_null_for_undefined() -> None:
    val = Evaluation({"accuracy": 0.5}, {"accuracy": (0.25, 0.75)})
    test = Evaluation(
        {"accuracy": 1.0, "recall_mel": float("nan")}, {"recall_mel": (float("nan"), float("nan"))}
    )
    guesses = {"majority": {"accuracy": 0.5, "auroc": float("nan")}, "prior": {"accuracy": 0.25}}
    assert metrics_json({"val": val, "test": test}, guesses) == {
        "val": {"accuracy": 0.5},
        "test": {"accuracy": 1.0, "recall_mel": None},
        "intervals": {"val": {"accuracy": [0.25, 0.75]}, "test": {"recall_mel": [None, None]}},
        "baselines": {"majority": {"accuracy": 0.5, "auroc": None}, "prior": {"accuracy": 0.25}},
    }


def test_a_part_without_images_is_null() -> None:
    assert metrics_json({"test": None}, {}) == {"test": None, "intervals": {"test": None}}


def test_further_entries_may_be_nested_and_undefined() -> None:
    more = {"members": [{"member": "0", "test": {"accuracy": float("nan")}}], "mean": None}
    document = metrics_json({}, {}, more)
    assert document["members"] == [{"member": "0", "test": {"accuracy": None}}]
    assert document["mean"] is None


def test_unknown_baseline_is_left_out() -> None:
    assert metrics_json({}, {}) == {"intervals": {}}


def test_written_document_is_valid_json(tmp_path: Path) -> None:
    document = {"test": {"recall_mél": None, "accuracy": 0.1}}
    write_json(document, tmp_path / "metrics.json")
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8")) == document


def test_number_that_json_lacks_is_refused_before_the_old_file_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"accuracy": float("nan")}, path)
    assert path.read_text() == "{}"
