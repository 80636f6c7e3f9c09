"""Pictures in the event file: what the network sees, and where it is wrong."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn
from torch.optim import SGD

from lightning_skin.callbacks.tensorboard_figures import TensorBoardFigures
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import Mixing, light
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.models.checkpoint import Facts
from lightning_skin.models.classifier import SkinLesionClassifier
from lightning_skin.models.losses.cross_entropy import CrossEntropy
from lightning_skin.models.network import LesionNetwork, NetworkSpec
from lightning_skin.models.schedules import constant
from lightning_skin.models.transfer import Transfer
from lightning_skin.modes.trainer import build_trainer

COLORS = {"blue": (0, 0, 1), "green": (0, 1, 0), "red": (1, 0, 0)}
RIGHT = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])  # of RGB to the classes in order
WRONG = RIGHT.roll(1, dims=0)

Fit = Callable[..., tuple[Trainer, SkinLesionClassifier]]


@pytest.fixture
def data(tmp_path: Path) -> SkinLesionDataModule:
    """Three images of each class for training, one for validation and one for testing."""
    for name, color in COLORS.items():
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(5):
            shade = tuple(channel * (200 + number) for channel in color)
            Image.new("RGB", (10, 8), shade).save(tmp_path / "images" / name / f"{number}.png")
    source = partial(folder, str(tmp_path / "images"), None)
    split = SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False)
    return SkinLesionDataModule(
        source,
        split,
        0,
        None,
        AuditSettings("fail", "group", "group", "pictures", "keep", "keep", cache_dir=None),
        8,
        "none",
        "none",
        light(),
        mixing=None,
        sampler="shuffle",
        batch_size=4,
        num_workers=0,
        cache="none",
        cache_dir="unused",
        stream=None,
    )


@pytest.fixture
def fit(data: SkinLesionDataModule, tmp_path: Path) -> Fit:
    """Train, at a rate of zero, a network that names colours by this matrix."""

    log = TensorBoardLogger(tmp_path, "", "events")

    def run(
        colors: torch.Tensor, epochs: int, logger: TensorBoardLogger | None = log
    ) -> tuple[Trainer, SkinLesionClassifier]:
        head = nn.Linear(3, 3)
        head.weight.data = colors.clone()
        network = LesionNetwork(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), head)
        facts = Facts(NetworkSpec("", "", 0.0, None), data.class_names, {}, "")
        classifier = SkinLesionClassifier(
            network, facts, CrossEntropy(0.0, None), partial(SGD, lr=0.0), constant, 0, Transfer()
        )
        limits = {
            "max_epochs": epochs,
            "devices": 1,
            "enable_model_summary": False,
            "num_sanity_val_steps": 0,
        }
        callbacks = [TensorBoardFigures()]
        trainer = build_trainer(
            "32-true", "cpu", False, callbacks, logger, tmp_path, enable_checkpointing=False, **limits
        )
        trainer.fit(classifier, data)
        return trainer, classifier

    return run


def events(tmp_path: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(tmp_path / "events"), size_guidance={"images": 0})
    accumulator.Reload()
    return accumulator


def steps(tmp_path: Path, tag: str) -> list[int]:
    return [event.step for event in events(tmp_path).Images(tag)]


def test_a_network_that_errs_gets_all_three_pictures(fit: Fit, tmp_path: Path) -> None:
    fit(WRONG, epochs=1)
    tags = events(tmp_path).Tags()["images"]
    assert sorted(tags) == ["train/augmented_images", "val/confusion_matrix", "val/wrong_images"]


def test_augmented_images_are_shown_once_and_mistakes_after_each_epoch(fit: Fit, tmp_path: Path) -> None:
    fit(WRONG, epochs=2)  # of two batches each
    assert steps(tmp_path, "train/augmented_images") == [0]
    assert steps(tmp_path, "val/confusion_matrix") == [2, 4]
    assert steps(tmp_path, "val/wrong_images") == [2, 4]


def test_a_network_that_does_not_err_has_no_wrong_images(fit: Fit, tmp_path: Path) -> None:
    fit(RIGHT, epochs=1)
    assert "val/wrong_images" not in events(tmp_path).Tags()["images"]


def test_the_grid_holds_every_training_image_in_its_own_colour(fit: Fit, tmp_path: Path) -> None:
    fit(RIGHT, epochs=1)
    (event,) = events(tmp_path).Images("train/augmented_images")
    # Nine images of 8 pixels, eight in a row, with 2 pixels between and around.
    assert (event.width, event.height) == (8 * 10 + 2, 2 * 10 + 2)
    (tmp_path / "grid.png").write_bytes(event.encoded_image_string)
    with Image.open(tmp_path / "grid.png") as grid:
        centres = [grid.getpixel((6 + 10 * (number % 8), 6 + 10 * (number // 8))) for number in range(9)]
    assert [pixel.index(max(pixel)) for pixel in centres] == [2] * 3 + [1] * 3 + [0] * 3
    assert all(min(pixel) == 0 and 200 <= max(pixel) <= 204 for pixel in centres)


def test_the_grid_shows_images_as_they_are_mixed(
    fit: Fit, data: SkinLesionDataModule, tmp_path: Path
) -> None:
    data.mixing = Mixing("mixup", 50.0, 1.0, 1.0)
    fit(RIGHT, epochs=1)
    (event,) = events(tmp_path).Images("train/augmented_images")
    (tmp_path / "grid.png").write_bytes(event.encoded_image_string)
    with Image.open(tmp_path / "grid.png") as grid:
        first, second = grid.getpixel((6, 6)), grid.getpixel((16, 6))
    # The first image and the last, blended about evenly; the second is blended with one of its own colour.
    assert sorted(first)[0] == 0
    assert min(sorted(first)[1:]) > 70
    assert sorted(second)[:2] == [0, 0]


def test_validation_outside_training_draws_nothing(
    fit: Fit, data: SkinLesionDataModule, tmp_path: Path
) -> None:
    trainer, classifier = fit(WRONG, epochs=1)
    trainer.validate(classifier, data, verbose=False)
    assert steps(tmp_path, "val/confusion_matrix") == [2]


def test_without_tensorboard_training_goes_on_without_pictures(fit: Fit, tmp_path: Path) -> None:
    trainer, _ = fit(WRONG, epochs=1, logger=None)
    assert trainer.global_step == 2
    assert not (tmp_path / "events").exists()
