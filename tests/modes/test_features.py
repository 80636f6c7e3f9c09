"""A head trained on features that were computed once learns what it would learn from the images."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from lightning_skin.data.augmentation import light
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.models.choice import NetworkChoice
from lightning_skin.models.transfer import frozen

NewData = Callable[..., SkinLesionDataModule]
StartFit = Callable[..., float]

CHOICE = NetworkChoice("timm", "test_resnet", "standard", None, None, 32)
EPOCHS = 3


class Runs(NamedTuple):
    uncached: Path
    cached: Path
    score: float
    cache: Path


def weights(run: Path, name: str = "last") -> dict[str, Tensor]:
    content = torch.load(run / "checkpoints" / f"{name}.ckpt", weights_only=True)
    return {key.removeprefix("network."): value for key, value in content["state_dict"].items()}


def head(run: Path) -> dict[str, Tensor]:
    return {name: value for name, value in weights(run).items() if name.startswith("head.")}


def backbone(run: Path) -> dict[str, Tensor]:
    return {name: value for name, value in weights(run, "best").items() if name.startswith("backbone.")}


def start(
    start_fit: StartFit, run: Path, data: SkinLesionDataModule, views: int | None, **more: object
) -> float:
    settings = {"choice": CHOICE, "epochs": EPOCHS, "lr": 0.02, "train_from": "head", "monitor": "val/auroc"}
    return start_fit(run, data, transfer=frozen(views), **(settings | more))


@pytest.fixture(scope="module")
def runs(
    images: Path, new_data: NewData, start_fit: StartFit, tmp_path_factory: pytest.TempPathFactory
) -> Runs:
    """The same frozen training on images and on their features; not to be written to."""
    place = tmp_path_factory.mktemp("frozen")
    start(start_fit, place / "uncached", new_data(images), None)
    data = new_data(images, cache_dir=str(place / "cache"))
    score = start(start_fit, place / "cached", data, 1)
    return Runs(place / "uncached", place / "cached", score, place / "cache")


def test_the_head_is_that_of_a_training_on_the_images(runs: Runs) -> None:
    torch.testing.assert_close(head(runs.cached), head(runs.uncached), atol=1e-4, rtol=1e-3)


def test_the_checkpoint_holds_the_whole_network(runs: Runs) -> None:
    torch.testing.assert_close(backbone(runs.cached), backbone(runs.uncached), atol=0, rtol=0)
    assert len(backbone(runs.cached)) > 50


def test_the_best_score_on_images_is_the_one_that_training_measured_on_features(runs: Runs) -> None:
    callbacks = torch.load(runs.cached / "checkpoints" / "last.ckpt", weights_only=True)["callbacks"]
    (measured,) = (one["best_model_score"] for name, one in callbacks.items() if "BestCheckpoint" in name)
    assert runs.score == pytest.approx(float(measured), abs=1e-6)


def test_a_second_run_computes_nothing_and_ends_as_the_first(
    runs: Runs, images: Path, new_data: NewData, start_fit: StartFit, tmp_path: Path
) -> None:
    files = {path: path.stat().st_mtime_ns for path in runs.cache.rglob("*.npy")}
    assert len(files) == 2
    start(start_fit, tmp_path / "run", new_data(images, cache_dir=str(runs.cache)), 1)
    assert {path: path.stat().st_mtime_ns for path in runs.cache.rglob("*.npy")} == files
    torch.testing.assert_close(head(tmp_path / "run"), head(runs.cached), atol=0, rtol=0)


def test_other_settings_never_take_the_features_of_these(
    runs: Runs, images: Path, new_data: NewData, start_fit: StartFit, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(runs.cache, cache)
    changes = {"split_seed": 1}, {"colour_constancy": "shades_of_grey"}
    for number, change in enumerate(changes, start=1):
        data = new_data(images, cache_dir=str(cache), **change)
        start(start_fit, tmp_path / str(number), data, 1, epochs=1)
        assert len(list(cache.rglob("*.npy"))) == 2 + 2 * number


def test_as_many_views_as_epochs_train_like_the_augmentation_itself(
    images: Path, new_data: NewData, start_fit: StartFit, tmp_path: Path
) -> None:
    augmented = {"augmentation": light()}
    start(start_fit, tmp_path / "uncached", new_data(images, **augmented), None)
    data = new_data(images, cache_dir=str(tmp_path / "cache"), **augmented)
    start(start_fit, tmp_path / "cached", data, EPOCHS)
    torch.testing.assert_close(head(tmp_path / "cached"), head(tmp_path / "uncached"), atol=1e-4, rtol=1e-3)
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == EPOCHS + 1


def test_a_resumed_run_ends_as_an_undisturbed_one(
    runs: Runs, images: Path, new_data: NewData, start_fit: StartFit, tmp_path: Path
) -> None:
    cached = {"cache_dir": str(runs.cache)}
    start(start_fit, tmp_path / "begun", new_data(images, **cached), 1, epochs=1)
    start(start_fit, tmp_path / "rest", new_data(images, **cached), 1, ckpt_path=tmp_path / "begun")
    torch.testing.assert_close(head(tmp_path / "rest"), head(runs.cached), atol=0, rtol=0)
