"""The main job end to end, through the real entry script, on tiny real files."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

HEED_INTERRUPTS = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
RUN = Path(__file__).parents[1] / "scripts" / "run.py"
SMALL = (
    "model=resnet18",
    "data.image_size=32",
    "data.batch_size=8",
    "data.num_workers=0",
    "trainer.enable_progress_bar=false",
)
COLOURS = {"bkl": (150, 90, 60), "mel": (60, 40, 40), "nv": (200, 120, 90)}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RUN), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def succeed(folder: Path, *arguments: str) -> str:
    finished = run(folder, *arguments)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_csv_below_root(path: Path) -> list[dict[str, str]]:
    """The rows of a manifest, whose first line names the root."""
    return list(csv.DictReader(path.read_text().splitlines()[1:]))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with class folders of 12 noisy images each in ``images``."""
    folder = tmp_path_factory.mktemp("place")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / "images" / name).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(rng.normal(colour, 25, (30, 40, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{name}_{number}.png")
    return folder


@pytest.fixture(scope="module")
def trained(place: Path) -> Path:
    """The folder of a run of two epochs."""
    succeed(place, "data=folder", "data.root=images", *SMALL, "trainer.max_epochs=2", "hydra.run.dir=trained")
    return place / "trained"


def test_fit_writes_the_whole_run_folder(trained: Path) -> None:
    expected = {
        "config.yaml",
        "run.json",
        "manifest.csv",
        "leakage.csv",
        "metrics.csv",
        "metrics.json",
        "checkpoints/best.ckpt",
        "checkpoints/last.ckpt",
        "predictions/val.csv",
        "predictions/test.csv",
        "figures/history.png",
        "figures/confusion_matrix.png",
    }
    written = {path.relative_to(trained).as_posix() for path in trained.rglob("*") if path.is_file()}
    assert expected <= written
    assert any(name.startswith("tensorboard/events") for name in written)
    assert not [name for name in written if set(name) & set("= ,") or "/." in name]


def test_run_json_names_versions_data_and_overrides(trained: Path) -> None:
    record = json.loads((trained / "run.json").read_text())
    assert record["status"] == "finished"
    assert record["class_names"] == sorted(COLOURS)
    assert len(record["manifest_hash"]) == 64
    assert f"data.root={trained.parent}/images" in record["overrides"]


def test_metrics_agree_with_the_predictions(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())
    rows = read_csv(trained / "predictions" / "test.csv")
    right = np.mean([row["label"] == row["predicted"] for row in rows])
    assert metrics["test"]["accuracy"] == pytest.approx(right)
    low, high = metrics["intervals"]["test"]["balanced_accuracy"]
    assert low <= metrics["test"]["balanced_accuracy"] <= high


def test_testing_the_checkpoint_again_gives_the_same_predictions(trained: Path) -> None:
    succeed(trained.parent, "mode=test", "ckpt_path=trained", "hydra.run.dir=tested")
    again = read_csv(trained.parent / "tested" / "predictions" / "test.csv")
    for before, after in zip(read_csv(trained / "predictions" / "test.csv"), again, strict=True):
        assert (before["image"], before["predicted"]) == (after["image"], after["predicted"])
        assert float(before["probability_mel"]) == pytest.approx(float(after["probability_mel"]), abs=1e-5)


def test_other_data_may_lack_a_class_and_training_images_in_it_are_reported(trained: Path) -> None:
    other = trained.parent / "other"
    for name in ("nv", "mel"):
        (other / name).mkdir(parents=True, exist_ok=True)
        for file in (trained.parent / "images" / name).iterdir():
            (other / name / f"copy_{file.name}").write_bytes(file.read_bytes())
    finished = run(
        trained.parent, "mode=test", "ckpt_path=trained", "data=folder", "data.root=other", "hydra.run.dir=o"
    )
    assert finished.returncode == 0, finished.stderr
    assert "of the 24 test images were trained on" in finished.stdout + finished.stderr
    assert set(read_csv(trained.parent / "o" / "predictions" / "test.csv")[0]) >= {
        "probability_bkl",
        "trained_on",
    }
    metrics = json.loads((trained.parent / "o" / "metrics.json").read_text())
    assert metrics["test_without_training_images"]["accuracy"] >= 0


def test_a_cache_of_images_below_the_working_size_changes_nothing(trained: Path) -> None:
    place = trained.parent
    shared = ("data=folder", "data.root=images", *SMALL, "trainer.max_epochs=2", "data.cache=memmap")
    succeed(place, *shared, "data.cache_dir=kept", "hydra.run.dir=cached")
    assert len(list((place / "kept").glob("*.pixels"))) == 3
    for split in ("val", "test"):
        table = f"predictions/{split}.csv"
        assert (place / "cached" / table).read_text() == (trained / table).read_text()


def test_a_resumed_run_ends_as_an_undisturbed_one(trained: Path) -> None:
    place = trained.parent
    common = ("data=folder", "data.root=images", *SMALL, "model/scheduler=constant")
    succeed(place, *common, "trainer.max_epochs=2", "hydra.run.dir=whole")
    succeed(place, *common, "trainer.max_epochs=1", "hydra.run.dir=half")
    succeed(place, "ckpt_path=half", "trainer.max_epochs=2", "hydra.run.dir=resumed")
    whole, resumed = (read_csv(place / name / "metrics.csv") for name in ("whole", "resumed"))
    assert [row["train/loss"] for row in resumed] == [row["train/loss"] for row in whole]
    assert read_csv(place / "resumed/predictions/test.csv") == read_csv(place / "whole/predictions/test.csv")


@pytest.mark.slow
def test_two_processes_test_every_image_once(trained: Path) -> None:
    place, shared = trained.parent, ("mode=test", "ckpt_path=trained", "data=folder", "data.root=images")
    succeed(place, *shared, "data.num_workers=0", "hydra.run.dir=alone")
    processes = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    # 36 images in batches of 5 do not come out even.
    finished = run(
        place, *shared, "data.num_workers=0", "data.batch_size=5", *processes, "hydra.run.dir=pair"
    )
    assert finished.returncode == 0, finished.stderr
    assert "recommended" not in finished.stderr
    alone, pair = (read_csv(place / name / "predictions" / "test.csv") for name in ("alone", "pair"))
    assert [row["image"] for row in pair] == [row["image"] for row in alone]
    assert [row["predicted"] for row in pair] == [row["predicted"] for row in alone]


def test_explain_draws_a_panel_for_each_image_of_a_folder(trained: Path) -> None:
    place = trained.parent
    succeed(
        place, "mode=explain", "ckpt_path=trained", "images=images", "explain.max_images=4", "hydra.run.dir=e"
    )
    rows = read_csv(place / "e" / "explanations" / "explanations.csv")
    assert len(rows) == 4
    assert {row["true"] for row in rows} == set(COLOURS)
    for row in rows:
        width, height = Image.open(place / "e" / "explanations" / row["panel"]).size
        assert width > height > 100


def test_a_sweep_survives_a_failing_job_and_ranks_the_others(place: Path) -> None:
    finished = run(
        place,
        "-m",
        "data=folder",
        "data.root=images",
        *SMALL,
        "trainer.max_epochs=1",
        "model.name=resnet18,nowhere",
        "hydra.sweep.dir=sweep",
    )
    assert finished.returncode == 1
    first, second = read_csv(place / "sweep" / "leaderboard.csv")
    assert (first["rank"], first["status"], first["model.name"]) == ("1", "finished", "resnet18")
    assert (second["status"], second["model.name"]) == ("failed", "nowhere")
    assert "nowhere" in second["error"]
    assert float(first["test_balanced_accuracy"]) >= 0
    assert "Traceback" not in finished.stderr


@pytest.mark.slow
def test_folds_are_swept_and_a_split_file_keeps_one_of_them(place: Path) -> None:
    common = ("data=folder", "data.root=images", *SMALL, "trainer.max_epochs=1")
    succeed(place, "-m", *common, "data.folds=3", "data.fold=0,1,2", "hydra.sweep.dir=folds")
    manifests = [
        {row["path"]: row["split"] for row in read_csv_below_root(place / "folds" / job / "manifest.csv")}
        for job in "012"
    ]
    tested = [path for splits in manifests for path, split in splits.items() if split == "test"]
    assert sorted(tested) == sorted(manifests[0])
    succeed(place, *common, "seed=7", "data.split_file=folds/1/manifest.csv", "hydra.run.dir=kept")
    kept = {row["path"]: row["split"] for row in read_csv_below_root(place / "kept" / "manifest.csv")}
    assert kept == manifests[1]


@pytest.mark.slow
def test_what_was_prepared_is_what_is_trained_on(place: Path, planted: Path) -> None:
    common = ("mode=prepare", "data=folder", f"data.root={planted}", "data.copies=drop")
    printed = succeed(place, *common, "data.near_duplicates=drop", "hydra.run.dir=prepared")
    assert f"data=prepared data.manifest={place}/prepared" in printed
    settled = ("data=prepared", "data.manifest=prepared", "data.seed=9")
    succeed(place, *settled, *SMALL, "trainer.max_epochs=1", "hydra.run.dir=on_prepared")
    manifests = [(place / name / "manifest.csv").read_text() for name in ("prepared", "on_prepared")]
    assert manifests[0] == manifests[1]
    assert "turned.jpg" not in manifests[0]
    records = [json.loads((place / name / "run.json").read_text()) for name in ("prepared", "on_prepared")]
    assert records[0]["manifest_hash"] == records[1]["manifest_hash"]


@pytest.mark.slow
def test_what_a_policy_refuses_is_one_line_and_leaves_the_audit_alone(place: Path, planted: Path) -> None:
    common = ("mode=prepare", "data=folder", f"data.root={planted}", "data.outliers=fail")
    finished = run(place, *common, "hydra.run.dir=refused")
    assert finished.returncode == 2
    (line,) = [line for line in finished.stderr.splitlines() if line.strip()]
    assert line.startswith(
        "error: data.outliers=fail, and there are 3 image(s) unlike the rest: nv/black.png"
    )
    assert (place / "refused" / "audit.html").is_file()
    assert not (place / "refused" / "manifest.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signal_number", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_an_audit_that_is_stopped_says_so_and_keeps_what_it_found_out(
    place: Path, tmp_path: Path, signal_number: int, code: int, said: str
) -> None:
    folder = f"stopped_by_{signal_number}"
    shared = (
        "mode=prepare",
        "data.lesions=450",
        f"data.cache_dir={tmp_path}/cache",
        f"hydra.run.dir={folder}",
    )
    # A shell that starts the tests in the background has them ignore Ctrl-C.
    command = [sys.executable, "-c", HEED_INTERRUPTS, sys.executable, str(RUN), *shared]
    with subprocess.Popen(command, cwd=place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not (tmp_path / "cache").is_dir():
            time.sleep(0.02)
        process.send_signal(signal_number)
        _, errors = process.communicate()
    assert (process.returncode, errors.decode().split()) == (code, [said])
    assert not (place / folder).exists()
    (remembered,) = (tmp_path / "cache").iterdir()
    assert remembered.stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mode=prepare", "data=checkpoint"], "there is no data to prepare; name it with data=folder"),
        (["data=prepared", "data.manifest=images"], "images/manifest.csv does not exist"),
        (["data=folder", "data.root=nowhere"], "nowhere does not exist"),
        (["data=folder"], "data.root is not set"),
        (["data=folder", "data.root=images", "data.fractions=[0.5,0.2,0.2]"], "data.fractions"),
        (["data=folder", "data.root=images", "data.folds=3"], "data.fold is not set, expected a number from"),
        (
            ["data=folder", "data.root=images", "data.split_file=none.csv"],
            "none.csv does not exist; set data",
        ),
        (["model.optimzer.lr=1"], "did you mean model.optimizer.lr?"),
        (["model=resnet5"], "did you mean resnet50?"),
        (["model.optimizer.lr=abc"], "model.optimizer.lr is abc, expected a positive number"),
        (["model.dropout=1.5"], "model.dropout is 1.5, expected a number in [0, 1)"),
        (["data.batch_size=0"], "data.batch_size is 0, expected a positive integer"),
        (["mode=test"], "ckpt_path is not set"),
        (["mode=test", "ckpt_path=missing"], "missing"),
        (["mode=test", "ckpt_path=images/nv/nv_0.png"], "is no checkpoint"),
        (["mode=explain", "ckpt_path=trained", "images=text.txt"], "not an image"),
        (["mode=explain", "ckpt_path=trained", "images=empty.png"], "the file is empty"),
    ],
    ids=" ".join,
)
def test_bad_input_gets_one_line_and_leaves_nothing(arguments: list[str], said: str, trained: Path) -> None:
    place = trained.parent
    (place / "text.txt").write_text("hello")
    (place / "empty.png").touch()
    before = sorted(place.rglob("*"))
    finished = run(place, *arguments, "hydra.run.dir=failed")
    assert finished.returncode == 2
    (line,) = finished.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert sorted(place.rglob("*")) == before


@pytest.mark.slow
def test_shards_are_trained_and_tested_from_without_the_images(place: Path) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    here, away = place / "images", place / "images_elsewhere"
    common = (*SMALL, "trainer.max_epochs=2", "data.stream=store")
    succeed(place, "mode=prepare", "data=folder", "data.root=images", "data.stream=store", "hydra.run.dir=p")
    here.rename(away)
    try:
        finished = run(
            place,
            *("data=prepared", "data.manifest=p", *common, "data.num_workers=2", "hydra.run.dir=streamed"),
        )
        assert finished.returncode == 0, finished.stderr
        assert "litdata" not in (finished.stdout + finished.stderr).lower()
        succeed(place, "mode=test", "ckpt_path=streamed", "data.stream=store", "hydra.run.dir=from_shards")
    finally:
        away.rename(here)
    succeed(place, "mode=test", "ckpt_path=streamed", "hydra.run.dir=from_files")
    first, second = (
        (place / name / "predictions" / "test.csv").read_bytes() for name in ("from_shards", "from_files")
    )
    assert first == second
    read = [json.loads((place / name / "run.json").read_text()) for name in ("p", "streamed")]
    assert read[0]["manifest_hash"] == read[1]["manifest_hash"]


@pytest.mark.slow
def test_a_resumed_streamed_run_ends_as_an_undisturbed_one(place: Path) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    common = ("data=folder", "data.root=images", *SMALL, "data.stream=store", "model/scheduler=constant")
    succeed(place, *common, "trainer.max_epochs=2", "hydra.run.dir=stream_whole")
    succeed(place, *common, "trainer.max_epochs=1", "hydra.run.dir=stream_half")
    succeed(place, "ckpt_path=stream_half", "trainer.max_epochs=2", "hydra.run.dir=stream_resumed")
    whole, resumed = (read_csv(place / name / "metrics.csv") for name in ("stream_whole", "stream_resumed"))
    assert [row["train/loss"] for row in resumed] == [row["train/loss"] for row in whole]


@pytest.mark.slow
def test_two_processes_train_from_shards(place: Path) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    processes = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    common = ("data=folder", "data.root=images", *SMALL, "trainer.max_epochs=1", "data.batch_size=5")
    finished = run(place, *common, *processes, "data.stream=store_of_two", "hydra.run.dir=two")
    assert finished.returncode == 0, finished.stderr
    assert len(read_csv(place / "two" / "predictions" / "test.csv")) == 9
    assert len([path for path in (place / "store_of_two").iterdir() if path.is_dir()]) == 3


TINY = ("data=folder", "data.root=images", "data.image_size=32", "data.num_workers=1", "model=timm")
EACH_STEP = "callbacks.last_checkpoint.every_n_train_steps=1"


def position(run: Path) -> dict[str, int]:
    """Where in its training a run has saved its last checkpoint; empty before."""
    path = run / "checkpoints" / "last.ckpt"
    return torch.load(path, weights_only=True)["SkinLesionDataModule"] if path.is_file() else {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGKILL, -9, []),
        (signal.SIGINT, 130, ["saving the training", "resume with: ", "interrupted"]),
        (signal.SIGTERM, 143, ["saving the training", "resume with: ", "terminated"]),
    ],
)
def test_a_run_stopped_within_an_epoch_ends_as_an_undisturbed_one(
    place: Path, number: int, code: int, said: list[str]
) -> None:
    name = f"stopped_by_{int(number)}"
    common = (*TINY, "model.name=test_resnet", "data.batch_size=2", "trainer.max_epochs=3")
    if not (place / "undisturbed").exists():
        succeed(place, *common, "hydra.run.dir=undisturbed")
    command = [sys.executable, "-c", HEED_INTERRUPTS, sys.executable, str(RUN), *common, EACH_STEP]
    with subprocess.Popen(
        [*command, f"hydra.run.dir={name}"], cwd=place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not position(place / name).get("images"):
            time.sleep(0.01)
        process.send_signal(number)
        _, errors = process.communicate()
    lines = errors.decode().splitlines()
    assert process.returncode == code
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True))
    stopped = position(place / name)
    assert stopped["images"] > 0, "the epoch had ended by then"
    assert stopped["epoch"] < 2 or stopped["images"] < 22
    succeed(place, f"ckpt_path={name}", f"hydra.run.dir={name}_resumed")
    whole, resumed = (read_csv(place / run / "metrics.csv") for run in ("undisturbed", f"{name}_resumed"))
    assert resumed == whole
    for table in ("val.csv", "test.csv"):
        tables = [place / run / "predictions" / table for run in ("undisturbed", f"{name}_resumed")]
        assert tables[0].read_bytes() == tables[1].read_bytes()
    weights = [
        torch.load(place / run / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for run in ("undisturbed", f"{name}_resumed")
    ]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


@pytest.mark.slow
def test_two_processes_train_test_and_explain_as_one_on_the_same_batches(place: Path) -> None:
    # Without batch norm and dropout, which see the images of one process only, and draw for them.
    common = (*TINY, "model.name=test_convnext", "model.dropout=0.0", "trainer.accelerator=cpu")
    pair = ("trainer.devices=2", "trainer.strategy=ddp")
    succeed(place, *common, "trainer.max_epochs=2", "data.batch_size=8", "hydra.run.dir=of_one")
    finished = run(place, *common, *pair, "trainer.max_epochs=2", "data.batch_size=4", "hydra.run.dir=of_two")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("Balanced accuracy") == 1
    for name in ("metrics.csv", "predictions/val.csv", "predictions/test.csv"):
        one, two = (read_csv(place / folder / name) for folder in ("of_one", "of_two"))
        assert len(one) == len(two)
        for expected, found in zip(one, two, strict=True):
            for key, value in expected.items():
                if key in ("image", "label", "predicted", "group"):
                    assert found[key] == value
                else:
                    assert float(found[key]) == pytest.approx(float(value), abs=1e-3)
    record = json.loads((place / "of_two" / "run.json").read_text())
    assert (record["status"], record["overrides"][-1]) == ("finished", "data.batch_size=4")
    torchrun = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        str(RUN),
    ]
    explained = ("mode=explain", "ckpt_path=of_two", "images=images", "explain.max_images=5")
    finished = subprocess.run(
        [*torchrun, *explained, "hydra.run.dir=explained_by_two"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.count("5 panel(s)") + finished.stdout.count("5 panel(s)") == 1
    succeed(place, *explained, "hydra.run.dir=explained_by_one")
    tables = [place / name / "explanations" for name in ("explained_by_one", "explained_by_two")]
    assert (tables[0] / "explanations.csv").read_text() == (tables[1] / "explanations.csv").read_text()
    assert len(list(tables[1].glob("*.png"))) == 5


@pytest.mark.slow
def test_a_training_that_diverges_fails_its_job_in_one_line(place: Path) -> None:
    common = (*TINY, "model.name=test_convnext", "trainer.max_epochs=1", "data.batch_size=8")
    wild = ("trainer.gradient_clip_val=null", "model/scheduler=constant", "model.optimizer.lr=1e-3,1e30")
    finished = run(place, "-m", *common, *wild, "hydra.sweep.dir=wild")
    assert finished.returncode == 1
    (line,) = [line for line in finished.stderr.splitlines() if line.startswith("error: ")]
    start = "error: job 1: the training loss is nan at step 2 (epoch 0, learning rate 1e+30): the training"
    assert line.startswith(start)
    rows = {row["status"]: row for row in read_csv(place / "wild" / "leaderboard.csv")}
    assert "diverged" in rows["failed"]["error"]
    assert json.loads((place / "wild" / "1" / "run.json").read_text())["status"] == "failed"


@pytest.mark.slow
def test_two_processes_unfreeze_as_one_on_the_same_batches(place: Path) -> None:
    # Gradients of a stage that joins later must be averaged over the processes like those of the head.
    torch.manual_seed(0)
    torch.save(timm.create_model("test_convnext", num_classes=0).state_dict(), place / "weights.pth")
    gradual = ("model/transfer=gradual", "model.transfer.head_epochs=1", "model.transfer.stage_epochs=1")
    network = ("model.name=test_convnext", "model.weights=weights.pth", "model.transfer.stages=2")
    learning = (
        "model.dropout=0.0",
        "trainer.accelerator=cpu",
        "trainer.max_epochs=3",
        "model/scheduler=constant",
    )
    common = (*TINY, *network, *gradual, *learning)
    pair = ("trainer.devices=2", "trainer.strategy=ddp", "data.batch_size=4")
    succeed(place, *common, "data.batch_size=8", "hydra.run.dir=gradual_one")
    assert succeed(place, *common, *pair, "hydra.run.dir=gradual_two").count("is trained from now on") == 2
    succeed(place, *common, *pair, "trainer.max_epochs=2", "hydra.run.dir=gradual_begun")
    succeed(place, "ckpt_path=gradual_begun", "trainer.max_epochs=3", "hydra.run.dir=gradual_rest")
    one, two, rest = (
        torch.load(place / name / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("gradual_one", "gradual_two", "gradual_rest")
    )
    torch.testing.assert_close(two, one, atol=2e-4, rtol=1e-3)
    torch.testing.assert_close(rest, two, atol=0, rtol=0)


@pytest.mark.slow
def test_two_processes_share_the_features_of_one_file(place: Path) -> None:
    torch.manual_seed(0)
    torch.save(timm.create_model("test_resnet", num_classes=0).state_dict(), place / "resnet.pth")
    frozen = ("model/transfer=frozen", "model.transfer.cached_views=1", "data/augmentation=none")
    network = ("model.name=test_resnet", "model.weights=resnet.pth", "model.dropout=0.0")
    common = (*TINY, *network, *frozen, "trainer.accelerator=cpu", "trainer.max_epochs=3")
    pair = ("trainer.devices=2", "trainer.strategy=ddp", "data.batch_size=4")
    said = succeed(place, *common, *pair, "data.cache_dir=shared", "hydra.run.dir=cached_two")
    assert said.count("are computed once") == 2
    succeed(place, *common, "data.batch_size=8", "data.cache_dir=shared", "hydra.run.dir=cached_one")
    assert len(list((place / "shared" / "features").glob("*.npy"))) == 2
    one, two = (
        torch.load(place / name / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("cached_one", "cached_two")
    )
    torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-4)
