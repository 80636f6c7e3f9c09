"""Training: what a run leaves behind, and what it refuses to start or resume."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import collate
from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.errors import InputError
from lightning_skin.evaluation.calibration import fit_temperature, fit_vector
from lightning_skin.evaluation.predictions import read_predictions
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.checkpoint import read_checkpoint
from lightning_skin.models.choice import NetworkChoice

NewData = Callable[..., SkinLesionDataModule]


def record(run: Path) -> dict[str, object]:
    return json.loads((run / "run.json").read_text())


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_score_is_that_of_the_best_checkpoint_on_val(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())
    assert record(trained)["score"] == pytest.approx(metrics["val"]["balanced_accuracy"], abs=1e-6)


def test_predictions_are_those_of_the_best_checkpoint(trained: Path, images: Path, new_data: NewData) -> None:
    checkpoint = read_checkpoint(trained / "checkpoints" / "best.ckpt")
    test = new_data(images).dataset("test")
    squares = collate([test[row] for row in range(len(test))])
    with torch.no_grad():
        expected = checkpoint.network(Preprocessing(32).normalise(squares.images)).softmax(dim=1)
    table = pd.read_csv(trained / "predictions" / "test.csv")
    written = torch.tensor(table[["probability_bkl", "probability_mel", "probability_nv"]].to_numpy())
    torch.testing.assert_close(written.float(), expected, atol=1e-4, rtol=1e-4)


def test_the_manifest_is_that_of_the_data(trained: Path, images: Path, new_data: NewData) -> None:
    assert read_manifest(trained / "manifest.csv").hash == new_data(images).manifest.hash


def test_the_record_says_what_was_trained_on_and_for_how_long(trained: Path) -> None:
    said = record(trained)
    assert said["class_names"] == ["bkl", "mel", "nv"]
    assert said["manifest_hash"] == read_manifest(trained / "manifest.csv").hash
    assert (said["mode"], said["status"], said["epochs"], said["resumed_from"]) == (
        "fit",
        "finished",
        1,
        None,
    )


def test_the_leak_table_of_a_clean_split_is_all_zero(trained: Path) -> None:
    table = pd.read_csv(trained / "leakage.csv")
    assert len(table) == 4 * 3
    assert table[["groups", "images", "duplicates"]].to_numpy().sum() == 0
    assert record(trained)["leaking_groups"] == 0


def test_an_allowed_leak_is_on_record_and_scored_without(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    data = new_data(images)
    for split in ("train", "val", "test"):
        for path in data.manifest.rows(split)["path"]:
            (tmp_path / "given" / split / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(images / path, tmp_path / "given" / split / path)
    copied = data.manifest.rows("train")["path"].iloc[0]
    shutil.copy(images / copied, tmp_path / "given" / "test" / copied)
    start_fit(tmp_path / "run", new_data(tmp_path / "given", allow_leakage=True))
    assert record(tmp_path / "run")["leaking_groups"] == 1
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["test"]["count_bkl"] == 3
    assert metrics["test_without_training_images"]["count_bkl"] == 2


def test_hyper_parameters_come_with_the_score(trained: Path) -> None:
    events = EventAccumulator(str(trained / "tensorboard"))
    events.Reload()
    (score,) = events.Scalars("hp/val_balanced_accuracy")
    assert score.value == pytest.approx(record(trained)["score"], abs=1e-6)


def test_the_same_seed_gives_the_same_weights_also_where_the_test_averages_views(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    start_fit(tmp_path / "again", new_data(images), tta="flips")
    for table in ("predictions/val.csv", "predictions/test.csv"):
        assert (tmp_path / "again" / table).read_text() == (trained / table).read_text()
    document = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert document["test_tta"]["nll"] != document["test"]["nll"]


def scaling_of(run: Path) -> Scaling | None:
    return read_checkpoint(run / "checkpoints" / "best.ckpt").facts.calibration


def test_the_best_checkpoint_holds_the_calibration_of_its_validation_images(trained: Path) -> None:
    scaling = scaling_of(trained)
    assert scaling == fit_temperature(read_predictions(trained / "predictions" / "val.csv"))
    test = read_predictions(trained / "predictions" / "test.csv")
    calibrated = read_predictions(trained / "predictions" / "test_calibrated.csv")
    assert calibrated.probabilities.tolist() == scaling.calibrated(test).probabilities.tolist()
    document = json.loads((trained / "metrics.json").read_text())
    assert Scaling.from_dict(document["calibration"]) == scaling
    assert document["test_calibrated"]["accuracy"] == document["test"]["accuracy"]
    change = document["test_calibrated"]["nll"] - document["test"]["nll"]
    low, high = document["intervals"]["test_calibrated_minus_test"]["nll"]
    assert low <= change <= high


def test_a_development_run_of_one_batch_goes_through_without_checkpoints(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    start_fit(tmp_path / "run", new_data(images), fast_dev_run=True)
    assert record(tmp_path / "run")["status"] == "finished"
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_a_run_that_is_complete_has_nothing_to_resume(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"has trained for 1 epoch\(s\) already; raise trainer\.max_epochs"):
        start_fit(tmp_path / "run", new_data(images), trained)
    assert not (tmp_path / "run" / "run.json").exists()


def test_the_recall_of_an_unknown_class_cannot_be_monitored(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"val/recall_df is monitored, expected one of val/recall_bkl, val/"):
        start_fit(tmp_path / "run", new_data(images), monitor="val/recall_df")
    assert list((tmp_path / "run").iterdir()) == []


def test_what_cannot_be_built_leaves_no_record(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(MisconfigurationException, match="devices"):
        start_fit(tmp_path / "run", new_data(images), devices=0)
    assert list((tmp_path / "run").iterdir()) == []


def test_size_and_normalisation_are_the_network_s_own_where_none_is_asked_for(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    choice = NetworkChoice("timm", "test_vit", "standard", None, None, None)
    start_fit(tmp_path / "run", new_data(images, image_size=None), choice=choice, limit_train_batches=1)
    facts = read_checkpoint(tmp_path / "run" / "checkpoints" / "best.ckpt").facts
    stored = Preprocessing.from_dict(facts.preprocessing)
    assert (stored.image_size, stored.mean, stored.std) == (160, (0.5,) * 3, (0.5,) * 3)


def test_a_network_that_cannot_be_had_is_refused_before_any_image_is_read(
    new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no classifier named resnet20"):
        start_fit(tmp_path / "run", new_data(tmp_path / "no such folder"), name="resnet20")


def test_a_used_run_folder_is_refused(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float]
) -> None:
    before = files(trained)
    with pytest.raises(
        InputError, match=r"run holds a run that trained; set another hydra.run.dir, or resume it"
    ):
        start_fit(trained, new_data(images))
    assert files(trained) == before


def test_the_folder_of_another_run_is_refused_when_resuming(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    (tmp_path / "other" / "checkpoints").mkdir(parents=True)
    with pytest.raises(InputError, match=r"other holds a run that trained"):
        start_fit(tmp_path / "other", new_data(images), trained)


def test_a_best_checkpoint_cannot_be_resumed(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    best = trained / "checkpoints" / "best.ckpt"
    with pytest.raises(InputError, match=r"best\.ckpt holds weights only, expected a last\.ckpt"):
        start_fit(tmp_path / "run", new_data(images), best)
    assert files(tmp_path) == set()


def test_resuming_with_another_image_size_is_refused(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"has the image_size 32, but this run asks for 48"):
        start_fit(tmp_path / "run", new_data(images, image_size=48), trained)
    assert files(tmp_path) == set()


def test_resuming_with_another_preprocessing_is_refused(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"has the border_crop none, but this run asks for frame; give the"):
        start_fit(tmp_path / "run", new_data(images, border_crop="frame"), trained)
    assert files(tmp_path) == set()


def test_resuming_with_another_network_is_refused(
    trained: Path, images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"has the network name resnet18, but this run asks for resnet34"):
        start_fit(tmp_path / "run", new_data(images), trained, name="resnet34")


def test_resuming_on_other_classes_is_refused(
    trained: Path,
    new_data: NewData,
    start_fit: Callable[..., float],
    tmp_path: Path,
    write_image: Callable[..., Path],
) -> None:
    for name in ("df", "vasc"):
        for number in range(5):
            write_image(tmp_path / "other" / name / f"{number}.png")
    with pytest.raises(InputError, match=r"has the classes bkl, mel, nv, but this run asks for df, vasc"):
        start_fit(tmp_path / "run", new_data(tmp_path / "other"), trained)


def test_a_resumed_run_says_where_it_comes_from_and_that_the_split_changed(
    settings: EvaluationSettings,
    trained: Path,
    images: Path,
    new_data: NewData,
    start_fit: Callable[..., float],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other_split = new_data(images, split_seed=1)
    start_fit(
        tmp_path / "run", other_split, trained, epochs=2, evaluation=replace(settings, calibration="vector")
    )
    assert record(tmp_path / "run")["resumed_from"] == str(trained)
    assert record(tmp_path / "run")["epochs"] == 2
    assert "The images or their split have changed since" in caplog.text
    val = read_predictions(tmp_path / "run" / "predictions" / "val.csv")
    assert scaling_of(tmp_path / "run") == fit_vector(val)
    assert scaling_of(trained) != fit_vector(val)
