"""Predictions, metrics and figures of a run from hand-made outputs."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch.nn.functional import one_hot

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest
from lightning_skin.evaluation.predictions import read_predictions
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.collector import Outputs
from lightning_skin.modes.judging import attributes, write_evaluation

NewData = Callable[..., SkinLesionDataModule]


def outputs(data: SkinLesionDataModule, split: str, rows: list[int], predicted: list[int]) -> Outputs:
    """What a network would say that gives its choice 0.8 and the two other classes 0.1 each."""
    labels = torch.tensor(data.dataset(split).labels)[rows]
    probabilities = 0.1 + 0.7 * one_hot(torch.tensor(predicted), 3)
    return Outputs(torch.tensor(rows), labels, probabilities, torch.tensor(rows) + 0.5)


@pytest.fixture(scope="module")
def data(images: Path, new_data: NewData) -> SkinLesionDataModule:
    """Its val and test splits hold two images of each of three classes, in the order of the classes."""
    return new_data(images)


@pytest.fixture(scope="session")
def write(settings: EvaluationSettings) -> Callable[..., object]:
    return partial(write_evaluation, seed=0, settings=settings, seconds=1.0)


@pytest.fixture(scope="module")
def evaluated(
    data: SkinLesionDataModule, write: Callable[..., object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run folder: on val all is right, on test four of six, and the classes' recalls are 1, 1/2 and 1/2."""
    folder = tmp_path_factory.mktemp("evaluated")
    val = outputs(data, "val", [0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2])
    test = outputs(data, "test", [0, 1, 2, 3, 4, 5], [0, 0, 1, 0, 0, 2])
    write(folder, data, {"val": val, "test": test}, trained=data.manifest)
    return folder


def metrics(folder: Path) -> dict[str, dict[str, float]]:
    return json.loads((folder / "metrics.json").read_text())


def test_predictions_lie_beside_the_images_of_the_manifest(
    evaluated: Path, data: SkinLesionDataModule
) -> None:
    table = pd.read_csv(evaluated / "predictions" / "test.csv")
    rows = data.manifest.rows("test")
    assert table["image"].tolist() == rows["path"].tolist()
    assert table["label"].tolist() == rows["label"].tolist() == ["bkl", "bkl", "mel", "mel", "nv", "nv"]
    assert table["predicted"].tolist() == ["bkl", "bkl", "mel", "bkl", "bkl", "nv"]
    assert table["group"].tolist() == rows["group"].tolist()
    assert table["probability_mel"].tolist() == pytest.approx([0.1, 0.1, 0.8, 0.1, 0.1, 0.1])
    assert table["log_sum_exp"].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]


def test_what_the_manifest_knows_of_an_image_stands_beside_its_prediction(data: SkinLesionDataModule) -> None:
    rows = data.manifest.rows("test").assign(age="55", mask="m.png", probability_mel="no", width=7)
    assert {name: set(values) for name, values in attributes(rows).items()} == {"age": {"55"}}


def test_each_split_has_its_own_metrics(evaluated: Path) -> None:
    assert metrics(evaluated)["val"]["accuracy"] == 1
    assert metrics(evaluated)["test"]["accuracy"] == pytest.approx(4 / 6)
    assert metrics(evaluated)["test"]["recall_mel"] == 0.5
    assert metrics(evaluated)["test"]["balanced_accuracy"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


def test_each_split_has_its_own_intervals(evaluated: Path) -> None:
    intervals = json.loads((evaluated / "metrics.json").read_text())["intervals"]
    assert intervals["val"]["accuracy"] == [pytest.approx(0.025 ** (1 / 6)), 1]  # of six lesions
    low, high = intervals["test"]["accuracy"]
    assert 0 < low < 4 / 6 < high < 1.01


def test_the_baseline_says_the_commonest_training_class_on_the_test_images(evaluated: Path) -> None:
    baseline = json.loads((evaluated / "metrics.json").read_text())["baselines"]["majority"]
    assert baseline["accuracy"] == pytest.approx(1 / 3)
    assert baseline["balanced_accuracy"] == pytest.approx(1 / 3)


def test_the_last_split_is_drawn_and_printed(
    write: Callable[..., object],
    data: SkinLesionDataModule,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    test = outputs(data, "test", [0, 1, 2, 3, 4, 5], [0, 0, 1, 0, 0, 2])
    write(tmp_path, data, {"test": test}, trained=None)
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert drawn == [
        "confusion_matrix.png",
        "per_class.png",
        "precision_recall.png",
        "reliability.png",
        "risk_coverage.png",
        "roc.png",
    ]
    said = capsys.readouterr().out
    assert "0.667" in said
    assert [name for name in ("bkl", "mel", "nv") if name not in said] == []


def test_where_only_some_images_were_tested_they_keep_their_names(
    write: Callable[..., object], data: SkinLesionDataModule, tmp_path: Path
) -> None:
    write(tmp_path, data, {"test": outputs(data, "test", [1, 2, 4], [0, 1, 2])}, trained=None)
    table = pd.read_csv(tmp_path / "predictions" / "test.csv")
    assert table["image"].tolist() == data.manifest.rows("test")["path"].iloc[[1, 2, 4]].tolist()


def test_where_nobody_knows_what_was_trained_on_the_majority_is_that_of_the_test(
    write: Callable[..., object],
    data: SkinLesionDataModule,
    new_data: NewData,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = data.manifest.rows("test").iloc[[0, 2, 3]]
    only_test = new_data(None)
    only_test.use(Manifest(data.manifest.root, rows), data.preprocessing, data.class_names)
    test = outputs(only_test, "test", [0, 1, 2], [0, 1, 2])
    write(tmp_path, only_test, {"test": test}, trained=None)
    assert metrics(tmp_path)["baselines"]["majority_of"] == "test"
    assert metrics(tmp_path)["baselines"]["majority"]["accuracy"] == pytest.approx(2 / 3)
    assert "Majority guess: mel, the commonest class of the test images" in capsys.readouterr().out


def test_training_images_are_marked_and_scored_without(
    write: Callable[..., object],
    data: SkinLesionDataModule,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained = data.manifest.table.copy()
    rows = data.manifest.rows("test")
    # The two test images of mel and one of nv were trained on.
    known = rows["path"].iloc[[2, 3, 5]]
    trained.loc[trained["path"].isin(known), "split"] = "train"
    test = outputs(data, "test", [0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 0, 2])
    write(tmp_path, data, {"test": test}, trained=Manifest(data.manifest.root, trained))
    document = metrics(tmp_path)
    assert document["test"]["accuracy"] == pytest.approx(5 / 6)
    assert document["test_without_training_images"]["accuracy"] == pytest.approx(2 / 3)
    assert document["test_without_training_images"]["recall_mel"] is None
    # Two of bkl are right and one of nv is wrong, so that resampling within classes changes nothing.
    assert document["intervals"]["test_without_training_images"]["accuracy"] == pytest.approx([2 / 3] * 2)
    said = capsys.readouterr().out
    assert "All 6 test images" in said
    assert "3 not trained on" in said
    assert "0.667" in said
    table = pd.read_csv(tmp_path / "predictions" / "test.csv", keep_default_na=False)
    assert table["trained_on"].tolist() == ["", "", "image", "image", "", "image"]
    assert len(read_predictions(tmp_path / "predictions" / "test.csv").images) == 6


def test_where_all_test_images_were_trained_on_there_is_no_score_without(
    write: Callable[..., object], data: SkinLesionDataModule, tmp_path: Path
) -> None:
    trained = Manifest(data.manifest.root, data.manifest.table.assign(split="train"))
    test = outputs(data, "test", [0, 2, 4], [0, 1, 2])
    write(tmp_path, data, {"test": test}, trained=trained)
    document = metrics(tmp_path)
    assert document["test"]["accuracy"] == 1
    assert document["test_without_training_images"] is None
    assert document["intervals"]["test_without_training_images"] is None


def test_marks_belong_to_the_images_where_only_some_were_tested(
    write: Callable[..., object], data: SkinLesionDataModule, tmp_path: Path
) -> None:
    trained = data.manifest.table.copy()
    trained.loc[trained["path"] == data.manifest.rows("test")["path"].iloc[4], "split"] = "train"
    test = outputs(data, "test", [1, 2, 4], [0, 1, 2])
    write(tmp_path, data, {"test": test}, trained=Manifest(data.manifest.root, trained))
    table = pd.read_csv(tmp_path / "predictions" / "test.csv", keep_default_na=False)
    assert table["trained_on"].tolist() == ["", "", "image"]


def test_where_nothing_was_trained_on_there_is_no_such_column(evaluated: Path) -> None:
    table = pd.read_csv(evaluated / "predictions" / "test.csv")
    assert "trained_on" not in table
    calibrated = {"calibration", "test_calibrated", "test_calibrated_minus_test"}
    found = {"melanoma", "selective", "abstention", "conformal"}
    assert set(metrics(evaluated)) == {"val", "test", "intervals", "baselines"} | calibrated | found
