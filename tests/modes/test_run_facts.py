import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lightning_skin.data.manifest import Manifest
from lightning_skin.modes.run_facts import run_facts

RECORD = {
    "versions": {"torch": "2.14.1"},
    "git": {"commit": "171537c", "dirty": True},
    "device": "x86_64",
    "cpus": 2,
    "platform": "Linux",
    "command": "python scripts/run.py model=resnet18",
    "seed": 7,
    "started": "2026-11-25T09:30:00+0000",
    "mode": "fit",
}
CONFIG = {
    "seed": 7,
    "monitor": "val/balanced_accuracy",
    "data": {
        "image_size": 64,
        "batch_size": 32,
        "colour_constancy": "none",
        "mixing": "mixup",
        "augmentation": {"_target_": "lightning_skin.data.augmentation.light"},
    },
    "model": {
        "library": "torchvision",
        "name": "resnet18",
        "weights": None,
        "optimizer": {"_target_": "torch.optim.AdamW", "lr": 0.001},
        "scheduler": {"_target_": "lightning_skin.models.schedules.warmup_cosine"},
        "loss": {"_target_": "lightning_skin.models.losses.cross_entropy", "class_weights": "balanced"},
    },
}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run_a"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(RECORD))
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    (folder / "metrics.csv").write_text("epoch,train/loss,val/loss\n0,1.5,\n1,1.25,1.0\n")
    rows = [
        ("a.jpg", "mel", "train", "L1", "h1", "CC0"),
        ("b.jpg", "mel", "test", "L1", "h2", ""),
        ("c.jpg", "nv", "test", "L3", "h3", "CC0"),
    ]
    table = pd.DataFrame(rows, columns=["path", "label", "split", "group", "content_hash", "licence"])
    Manifest(tmp_path, table).write(folder / "manifest.csv")
    return folder


def test_a_run_tells_its_recipe_and_data(run: Path) -> None:
    facts = run_facts(run, seconds=12.5)
    assert facts.name == "run_a"
    assert facts.recipe == {
        "Network": "resnet18 of torchvision",
        "Weights": "start from scratch",
        "Images": "64 x 64 pixels",
        "Augmentation": "light, mixup",
        "Loss": "cross_entropy",
        "Class weights": "balanced",
        "Optimizer": "AdamW, learning rate 0.001",
        "Schedule": "warmup_cosine",
        "Batch": "32",
        "Epochs": "2",
    }
    assert (facts.seed, facts.seconds, facts.commit) == (7, 12.5, "171537c, changed since")
    assert facts.device == "x86_64, 2 CPU cores, Linux"
    assert facts.counts == {
        "mel": {"train": 1, "val": 0, "test": 1},
        "nv": {"train": 0, "val": 0, "test": 1},
    }
    assert facts.licences == {"CC0": 2, "not stated": 1}
    shared = {(leak.splits, leak.label): leak.groups for leak in facts.leaks if leak.groups}
    assert shared == {("train and test", "mel"): 1, ("any two", "mel"): 1}
    assert facts.history == [
        {"epoch": 0, "train/loss": 1.5},
        {"epoch": 1, "train/loss": 1.25, "val/loss": 1.0},
    ]
    assert facts.monitor == "val/balanced_accuracy"
    assert yaml.safe_load(facts.config) == CONFIG


def test_a_test_tells_the_recipe_of_the_run_that_trained(run: Path, tmp_path: Path) -> None:
    tested = tmp_path / "tested"
    tested.mkdir()
    (tested / "run.json").write_text(json.dumps({**RECORD, "mode": "test", "seed": 1}))
    facts = run_facts(tested, trained=run)
    assert (facts.name, facts.seed) == ("tested", 7)
    assert facts.recipe["Network"] == "resnet18 of torchvision"
    assert len(facts.counts) == 2


def test_of_one_split_nothing_is_said_about_leaks(run: Path) -> None:
    text = (run / "manifest.csv").read_text().replace(",train,", ",test,")
    (run / "manifest.csv").write_text(text)
    assert list(run_facts(run).leaks) == []


def test_a_run_that_ended_before_its_first_epoch_has_no_history(run: Path) -> None:
    (run / "metrics.csv").write_text("")
    assert run_facts(run).history == []


def test_an_empty_folder_has_a_name_and_no_facts(tmp_path: Path) -> None:
    facts = run_facts(tmp_path)
    assert (facts.recipe, facts.started, facts.counts, facts.config) == ({}, "", {}, "")
