"""Testing from a checkpoint alone, on its own data or on others."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.sources import folder
from lightning_skin.errors import InputError
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.checkpoint import store_calibration
from lightning_skin.modes import test as mode
from lightning_skin.modes.run_folder import Run

NewData = Callable[..., SkinLesionDataModule]
WriteImage = Callable[..., Path]


@pytest.fixture(scope="module")
def with_other_order(new_variant: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run with classes, and so the outputs of its network, in the order nv, bkl, mel."""
    run = tmp_path_factory.mktemp("variants") / "other_order"
    return new_variant(run, class_names=("nv", "bkl", "mel"))


def predictions(run: Path, name: str = "test") -> pd.DataFrame:
    return pd.read_csv(run / "predictions" / f"{name}.csv")


def test_classes_in_another_order_give_the_same_predictions_and_score(
    settings: EvaluationSettings,
    trained: Path,
    with_other_order: Path,
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
) -> None:
    score = mode.test(new_run, new_data(None), new_trainer(), 0, str(with_other_order), "none", settings)
    before, after = predictions(trained), predictions(new_run.folder)
    assert list(after)[3:6] == ["probability_nv", "probability_bkl", "probability_mel"]
    pd.testing.assert_frame_equal(after[list(before)], before, rtol=1e-4, atol=1e-5)
    expected = json.loads((trained / "metrics.json").read_text())["test"]["balanced_accuracy"]
    assert score == pytest.approx(expected, abs=1e-6)


def test_the_calibration_of_the_checkpoint_is_reported_whatever_the_order_of_the_classes(
    settings: EvaluationSettings,
    trained: Path,
    with_other_order: Path,
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    mode.test(new_run, new_data(None), new_trainer(), 0, str(with_other_order), "none", settings)
    before, after = (predictions(folder, "test_calibrated") for folder in (trained, new_run.folder))
    columns = ["image", "label", "predicted", "probability_bkl", "probability_mel", "probability_nv"]
    pd.testing.assert_frame_equal(after[columns], before[columns], rtol=1e-4, atol=1e-5)
    own, expected = (
        json.loads((folder / "metrics.json").read_text()) for folder in (new_run.folder, trained)
    )
    assert own["test_calibrated"]["nll"] == pytest.approx(expected["test_calibrated"]["nll"], abs=1e-5)
    scaling = Scaling.from_dict(expected["calibration"])
    assert Scaling.from_dict(own["calibration"]) == scaling.with_classes(("nv", "bkl", "mel"))
    assert "Temperature scaling, T = " in capsys.readouterr().out


def test_a_checkpoint_without_a_calibration_is_tested_without(
    settings: EvaluationSettings,
    new_variant: Callable[..., Path],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
) -> None:
    other = new_variant(tmp_path / "other")
    store_calibration(other / "checkpoints" / "best.ckpt", None)
    mode.test(new_run, new_data(None), new_trainer(), 0, str(other), "none", settings)
    written = json.loads((new_run.folder / "metrics.json").read_text())
    assert set(written) == {"test", "intervals", "baselines", "melanoma", "selective"}
    assert not (new_run.folder / "predictions" / "test_calibrated.csv").exists()


def test_the_score_is_the_mean_share_of_each_class_found_among_all_images_of_plain_folders(
    settings: EvaluationSettings,
    trained: Path,
    images: Path,
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    score = mode.test(new_run, new_data(images), new_trainer(), 0, str(trained), "none", settings)
    table = predictions(new_run.folder)
    assert len(table) == 30
    right = table["label"] == table["predicted"]
    assert score == pytest.approx(right.groupby(table["label"]).mean().mean(), abs=1e-6)
    assert "18 of the 30 test images were trained on" in caplog.text
    document = json.loads((new_run.folder / "metrics.json").read_text())
    # The named data have no training images; the network's own are 6 of each class.
    assert document["baselines"]["majority_of"] == "training"
    assert document["baselines"]["majority"]["recall_bkl"] == 1
    others = document["test_without_training_images"]
    new = table[table["trained_on"].isna()]
    assert len(new) == 12
    assert others["accuracy"] == pytest.approx((new["label"] == new["predicted"]).mean())
    record = json.loads((new_run.folder / "run.json").read_text())
    assert (record["mode"], record["status"], record["score"]) == ("test", "finished", score)
    assert record["checkpoint"] == str(trained / "checkpoints" / "best.ckpt")


def test_the_record_of_a_run_that_trained_is_not_overwritten(
    settings: EvaluationSettings,
    trained: Path,
    images: Path,
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
) -> None:
    run = replace(new_run, folder=trained)
    with pytest.raises(InputError, match=r"holds a run that trained; set another hydra\.run\.dir"):
        mode.test(run, new_data(images), new_trainer(), 0, str(trained), "none", settings)


def test_nothing_is_written_where_there_is_no_checkpoint(
    settings: EvaluationSettings, new_run: Run, new_data: NewData, new_trainer: Callable[..., Any]
) -> None:
    with pytest.raises(InputError, match="ckpt_path is not set"):
        mode.test(new_run, new_data(None), new_trainer(), 0, None, "none", settings)
    assert list(new_run.folder.iterdir()) == []


def test_averaged_views_have_predictions_and_scores_of_their_own(
    settings: EvaluationSettings,
    trained: Path,
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
) -> None:
    score = mode.test(new_run, new_data(None), new_trainer(), 0, str(trained), "dihedral", settings)
    plain, averaged = predictions(new_run.folder), predictions(new_run.folder, "test_tta")
    pd.testing.assert_frame_equal(plain, predictions(trained), rtol=1e-4, atol=1e-5)
    assert averaged["image"].tolist() == plain["image"].tolist()
    assert (averaged["probability_mel"] - plain["probability_mel"]).abs().max() > 1e-4
    document = json.loads((new_run.folder / "metrics.json").read_text())
    assert score == document["test"]["balanced_accuracy"]
    right = (averaged["label"] == averaged["predicted"]).mean()
    assert document["test_tta"]["accuracy"] == pytest.approx(right)
    change = document["test_tta"]["nll"] - document["test"]["nll"]
    assert document["test_tta_minus_test"]["nll"] == pytest.approx(change)
    assert set(document["intervals"]) == {
        *("test", "test_tta", "test_tta_minus_test"),
        *("test_calibrated", "test_calibrated_minus_test"),
    }


def test_an_ensemble_is_the_mean_of_its_members_whatever_their_size_and_order_of_classes(
    settings: EvaluationSettings,
    trained: Path,
    with_other_order: Path,
    new_variant: Callable[..., Path],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    smaller = new_variant(tmp_path / "smaller", image_size=24, noise=0.5)
    paths = [str(trained), str(with_other_order), str(smaller)]
    score = mode.test(new_run, new_data(None), new_trainer(), 0, paths, "none", settings)
    alone = replace(new_run, folder=tmp_path / "alone")
    alone.folder.mkdir()
    mode.test(alone, new_data(None), new_trainer(), 0, str(smaller), "none", settings)
    columns = ["probability_bkl", "probability_mel", "probability_nv"]
    same, other = (predictions(folder)[columns].to_numpy() for folder in (trained, alone.folder))
    assert abs(same - other).max() > 0.01
    whole = predictions(new_run.folder)
    assert whole[columns].to_numpy() == pytest.approx((2 * same + other) / 3, abs=1e-5)
    members = [
        predictions(new_run.folder, f"test_member_{number}")[columns].to_numpy() for number in (1, 2, 3)
    ]
    for found, expected in zip(members, (same, same, other), strict=True):
        assert found == pytest.approx(expected, abs=1e-5)
    document = json.loads((new_run.folder / "metrics.json").read_text())
    assert document["test"]["balanced_accuracy"] == score
    accuracies = [member["test"]["accuracy"] for member in document["members"]]
    assert document["members_mean"]["test"]["accuracy"] == pytest.approx(sum(accuracies) / 3)
    assert document["members"][2]["member"].endswith("smaller")
    # Averages of calibrated probabilities are not calibrated.
    assert "test_calibrated" not in document
    record = json.loads((new_run.folder / "run.json").read_text())
    assert record["checkpoints"] == [str(Path(path, "checkpoints", "best.ckpt")) for path in paths]
    said = capsys.readouterr().out
    assert [word for word in ("Ensemble of 3", "mean ± deviation") if word not in said] == []


def test_rounds_of_a_cross_validation_judge_their_own_test_images(
    settings: EvaluationSettings,
    trained: Path,
    new_variant: Callable[..., Path],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = new_variant(tmp_path / "other", splits={"val": "test", "test": "val"}, noise=0.5)
    mode.test(new_run, new_data(None), new_trainer(), 0, [str(trained), str(other)], "none", settings)
    whole = predictions(new_run.folder).set_index("image")
    assert len(whole) == 12
    own = predictions(trained).set_index("image")
    columns = ["probability_bkl", "probability_mel", "probability_nv"]
    assert whole.loc[own.index, columns].to_numpy() == pytest.approx(own[columns].to_numpy(), abs=1e-5)
    assert set(predictions(new_run.folder, "test_member_2")["image"]) == set(whole.index) - set(own.index)
    assert len(read_manifest(new_run.folder / "manifest.csv").rows("test")) == 12
    calibrated = predictions(new_run.folder, "test_calibrated").set_index("image")
    of_own = predictions(trained, "test_calibrated").set_index("image")
    assert len(calibrated) == 12
    assert calibrated.loc[of_own.index, columns].to_numpy() == pytest.approx(
        of_own[columns].to_numpy(), abs=1e-5
    )
    assert "calibration" not in json.loads((new_run.folder / "metrics.json").read_text())
    assert "Calibration, of each round by its own" in capsys.readouterr().out


def test_images_that_a_member_was_trained_on_are_left_out_for_all(
    settings: EvaluationSettings,
    trained: Path,
    images: Path,
    new_variant: Callable[..., Path],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = new_variant(tmp_path / "other", splits={"test": "train"}, noise=0.5)
    mode.test(new_run, new_data(images), new_trainer(), 0, [str(trained), str(other)], "none", settings)
    assert "18 of the 30 test images were trained on" in caplog.text
    assert "24 of the 30 test images are known to a member" in caplog.text
    val = set(read_manifest(trained / "manifest.csv").rows("val")["path"])
    for name in ("test", "test_member_1", "test_member_2"):
        table = predictions(new_run.folder, name)
        new = table[table["trained_on"].isna()]
        assert set(new["image"]) == val
    document = json.loads((new_run.folder / "metrics.json").read_text())
    right = (new["label"] == new["predicted"]).mean()
    assert document["members"][1]["test_without_training_images"]["accuracy"] == pytest.approx(right)
    assert (
        sum(document["test_without_training_images"][f"count_{name}"] for name in ("bkl", "mel", "nv")) == 6
    )


def test_a_member_that_fails_is_named(
    settings: EvaluationSettings,
    trained: Path,
    new_variant: Callable[..., Path],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
) -> None:
    diverged = new_variant(tmp_path / "diverged", noise=5e37)
    with pytest.raises(InputError, match=r"diverged/checkpoints/best\.ckpt: .*has probably diverged"):
        mode.test(new_run, new_data(None), new_trainer(), 0, [str(trained), str(diverged)], "none", settings)


def test_metadata_reach_the_network_in_training_and_test_and_may_be_missing(
    settings: EvaluationSettings,
    images: Path,
    start_fit: Callable[..., float],
    new_run: Run,
    new_data: NewData,
    new_trainer: Callable[..., Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = [path.stem for path in sorted(images.rglob("*.png"))]
    facts = [
        f"{name},{name[:-2]},{30 + row},{'male' if row % 2 else 'female'}" for row, name in enumerate(names)
    ]
    (tmp_path / "table.csv").write_text("\n".join(["image_id,dx,age,sex", *facts]))
    table = str(tmp_path / "table.csv")
    trained = tmp_path / "trained"
    start_fit(trained, new_data(images, source=lambda: folder(str(images), table)), metadata=["age", "sex"])
    last = torch.load(trained / "checkpoints" / "last.ckpt", weights_only=True)
    (first_layer,) = [
        state["exp_avg"]
        for state in last["optimizer_states"][0]["state"].values()
        if state["exp_avg"].shape == (32, 2 + 3)
    ]
    assert (
        first_layer.abs().sum(dim=0) > 0
    ).all()  # gradients of the age, of both sexes, and of both missing
    mode.test(new_run, new_data(None), new_trainer(), 0, str(trained), "none", settings)
    before, again = predictions(trained), predictions(new_run.folder)
    pd.testing.assert_frame_equal(again, before, rtol=1e-4, atol=1e-5)
    # The same images without the table.
    bare = replace(new_run, folder=tmp_path / "bare")
    bare.folder.mkdir()
    mode.test(bare, new_data(images), new_trainer(), 0, str(trained), "none", settings)
    assert caplog.text.count("The images have no age and no sex") == 1
    without = predictions(bare.folder).set_index("image").loc[before["image"]]
    change = without["probability_mel"].to_numpy() - before["probability_mel"].to_numpy()
    assert abs(change).max() > 1e-3
