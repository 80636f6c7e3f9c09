"""mode=evaluate on tables of a run and of another tool."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions, write_predictions
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.modes.evaluate import evaluate
from lightning_skin.modes.run_folder import Run

CLASSES = ("bkl", "mel", "nv")


def table(seed: int, rows: int = 90) -> Predictions:
    """Every third image is of a class, and most are right."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % 3
    logits = rng.normal(size=(rows, 3)) + 1.5 * np.eye(3)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = np.array([f"{seed}_{row}" for row in range(rows)])
    return Predictions(
        names,
        labels,
        probabilities,
        names,
        CLASSES,
        log_sum_exp=rng.normal(size=rows),
        attributes={"sex": np.where(np.arange(rows) % 2, "male", "female")},
    )


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of test.csv and val.csv, without a run."""
    folder = tmp_path_factory.mktemp("tables")
    write_predictions(table(0), folder / "test.csv")
    write_predictions(table(1), folder / "val.csv")
    return folder


@pytest.fixture(scope="module")
def evaluated(
    tables: Path, settings: EvaluationSettings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any], float]:
    """The folder, ``metrics.json`` and score of an evaluation that asks for everything."""
    folder = tmp_path_factory.mktemp("evaluated")
    run = Run(folder, {"seed": 0}, (), "python scripts/run.py")
    everything = replace(settings, unknown="bkl", costs={"mel": {"nv": 20.0}}, miss_costs=[10.0])
    score = evaluate(run, 0, str(tables / "test.csv"), str(tables / "val.csv"), ["mel"], everything)
    return folder, json.loads((folder / "metrics.json").read_text()), score


def test_the_score_is_the_balanced_accuracy_of_the_table(
    evaluated: tuple[Path, dict[str, Any], float],
) -> None:
    test = table(0)
    right = test.predicted == test.labels
    assert evaluated[2] == pytest.approx(np.mean([right[test.labels == label].mean() for label in range(3)]))
    assert evaluated[1]["test"]["balanced_accuracy"] == pytest.approx(evaluated[2])


def test_everything_that_was_asked_for_is_in_metrics_json(
    evaluated: tuple[Path, dict[str, Any], float],
) -> None:
    _, document, _ = evaluated
    assert document["malignancy"]["metrics"]["auroc"] == document["melanoma"]["metrics"]["auroc"]
    assert document["malignancy"]["metrics"]["auroc"] == pytest.approx(document["test"]["auroc_mel"])
    assert [point["name"] for point in document["operating_points"]] == ["sensitivity_90", "miss_cost_10"]
    assert document["operating_points"][0]["val"]["sensitivity"]["value"] >= 0.9
    assert document["out_of_distribution"]["energy"]["unknown"] == 30
    assert document["costs"]["saved"]["value"] > 0
    assert {one["value"] for one in document["subgroups"]} == {"female", "male"}
    assert [one["coverage"] for one in document["abstention"]] == [0.8, 0.9]
    assert 0.8 < document["conformal"]["coverage"]["value"] <= 1
    assert document["test_calibrated"]["accuracy"] == document["test"]["accuracy"]


def test_reports_are_written_beside_the_metrics(evaluated: tuple[Path, dict[str, Any], float]) -> None:
    folder, _, _ = evaluated
    for name in ("report.html", "model_card.md", "clear_derm.md", "figures/roc.png", "predictions/test.csv"):
        assert (folder / name).stat().st_size > 1000
    assert json.loads((folder / "run.json").read_text())["status"] == "finished"


@pytest.mark.parametrize(
    ("changes", "malignant", "message"),
    [
        ({"unknown": "UNK"}, None, "evaluation.unknown=UNK is none of the classes bkl, mel, nv"),
        ({"costs": {"melanoma": {"nv": 2.0}}}, None, "costs: 'melanoma' is none of the classes"),
        ({"protocols": ["isic2018"]}, None, "isic2018"),
        ({}, ["melanoma"], "data.malignant names melanoma, expected some of bkl, mel, nv"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_written(
    changes: dict[str, Any],
    malignant: list[str] | None,
    message: str,
    tables: Path,
    settings: EvaluationSettings,
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, {"seed": 0}, (), "python scripts/run.py")
    with pytest.raises(InputError, match=message):
        evaluate(run, 0, str(tables / "test.csv"), None, malignant, replace(settings, **changes))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_class_without_test_images_is_passed_over(
    settings: EvaluationSettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    without = table(0).subset(table(0).labels != 0)
    write_predictions(without, tmp_path / "test.csv")
    (tmp_path / "run").mkdir()
    run = Run(tmp_path / "run", {"seed": 0}, (), "python scripts/run.py")
    evaluate(run, 0, str(tmp_path / "test.csv"), None, None, replace(settings, unknown="bkl"))
    assert "evaluation.unknown=bkl is the class of 0 of 60 test images" in caplog.text
    written = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert "out_of_distribution" not in written
    assert "conformal" not in written
