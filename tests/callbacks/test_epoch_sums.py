"""Trainings that are interrupted within an epoch end as undisturbed ones, to the last bit."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.utilities.exceptions import SIGTERMException
from PIL import Image
from torch import Tensor
from torch.optim import AdamW

from lightning_skin.callbacks.averaging import ExponentialMovingAverage
from lightning_skin.callbacks.checkpoint import BestCheckpoint, LastCheckpoint
from lightning_skin.callbacks.history import History
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import light
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import read_checkpoint
from lightning_skin.models.classifier import build_classifier
from lightning_skin.models.losses.ldam import ldam
from lightning_skin.models.schedules import warmup_cosine
from lightning_skin.models.transfer import Transfer
from lightning_skin.modes.trainer import build_trainer

MONITOR = "val/balanced_accuracy"
Batches = list[tuple[int, int, list[int]]]


class Signal(Callback):
    """Notes the images of every batch; sends a signal to this process while it is at one."""

    def __init__(self, number: int, at: tuple[int, int] | None) -> None:
        self.number = number
        self.at = at
        self.seen: Batches = []

    def on_train_batch_start(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002
        batch: Any,
        batch_idx: int,
    ) -> None:
        self.seen.append((trainer.current_epoch, batch_idx, batch.indices.tolist()))
        if (trainer.current_epoch, batch_idx) == self.at:
            os.kill(os.getpid(), self.number)


class Training(NamedTuple):
    weights: list[Tensor]
    rows: list[dict[str, float]]
    seen: Batches


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise, 10 of mel and 18 of nv; the split gives train 17 images, which are 4 batches of 4."""
    root = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name, count in (("mel", 10), ("nv", 18)):
        (root / name).mkdir()
        for number in range(count):
            Image.fromarray(rng.integers(0, 255, (32, 40, 3), np.uint8)).save(root / name / f"{number}.png")
    return root


Train = Callable[..., Training]


@pytest.fixture(scope="module")
def train(images: Path) -> Train:
    """Two epochs, the second with another loss, with all that draws or averages; a signal may interrupt."""

    def run(
        out: Path,
        at: tuple[int, int] | None = None,
        resume: Path | None = None,
        number: int = signal.SIGINT,
        batch_size: int = 4,
        num_workers: int = 0,
        **arguments: Any,
    ) -> Training:
        data = SkinLesionDataModule(
            lambda: folder(str(images), None),
            SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False),
            0,
            None,
            AuditSettings("fail", "group", "ignore", "pictures", "keep", "keep", cache_dir=None),
            32,
            "none",
            "none",
            light(),
            mixing=None,
            sampler="square_root",
            batch_size=batch_size,
            num_workers=num_workers,
            cache="none",
            cache_dir="unused",
            stream=None,
        )
        torch.manual_seed(3)
        classifier = build_classifier(
            library="timm",
            name="test_resnet",
            weights=None,
            dropout=0.5,
            hidden=None,
            stem="standard",
            train_from=None,
            metadata=None,
            metadata_dropout=0.0,
            compile=False,
            transfer=Transfer(),
            optimizer=partial(AdamW, lr=0.01),
            scheduler=partial(warmup_cosine, warmup=0.2),
            loss=partial(ldam, max_margin=0.5, reweight_from=0.5),
            class_names=data.class_names,
            class_counts=data.class_counts(),
            preprocessing=data.preprocessing.to_dict(),
            manifest_hash="",
            describe_metadata=data.describe_metadata,
            seed=0,
        )
        signals, history = Signal(number, at), History(str(out), MONITOR)
        checkpoints = [BestCheckpoint(str(out), MONITOR), LastCheckpoint(str(out))]
        callbacks = [signals, history, ExponentialMovingAverage(0.9), *checkpoints]
        limits = {"max_epochs": 2, "devices": 1, "enable_model_summary": False, "num_sanity_val_steps": 0}
        trainer = build_trainer("32-true", "cpu", False, callbacks, None, out, **limits, **arguments)
        try:
            trainer.fit(classifier, data, ckpt_path=resume, weights_only=True)
        except (SystemExit, SIGTERMException) as error:
            interrupted = SystemExit if number == signal.SIGINT else SIGTERMException
            assert (at is not None, type(error)) == (True, interrupted)
        else:
            assert at is None
        return Training(list(classifier.network.state_dict().values()), history.rows, signals.seen)

    return run


def assert_equal(found: Training, expected: Training) -> None:
    assert found.rows == expected.rows
    assert all(torch.equal(one, other) for one, other in zip(found.weights, expected.weights, strict=True))


@pytest.fixture(scope="module")
def whole(train: Train, tmp_path_factory: pytest.TempPathFactory) -> Training:
    return train(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(
    ("number", "at", "num_workers"),
    [(signal.SIGINT, (0, 1), 0), (signal.SIGTERM, (1, 2), 0), (signal.SIGINT, (1, 0), 2)],
)
def test_a_run_that_goes_on_within_an_epoch_ends_as_an_undisturbed_one(
    train: Train, whole: Training, tmp_path: Path, number: int, at: tuple[int, int], num_workers: int
) -> None:
    first = train(tmp_path / "first", at, number=number)
    last = tmp_path / "first" / "last.ckpt"
    assert [batch[:2] for batch in first.seen][-1] == at
    rest = train(tmp_path / "rest", resume=last, num_workers=num_workers)
    # Every batch once, and none twice.
    assert first.seen + rest.seen == whole.seen
    assert_equal(rest, whole)


def test_a_signal_waits_for_the_optimizer_and_for_a_validation_that_is_due(
    train: Train, tmp_path: Path
) -> None:
    settings = {"accumulate_grad_batches": 2, "val_check_interval": 4, "batch_size": 2}
    undisturbed = train(tmp_path / "whole", **settings)
    # The next step ends with the fourth of eight batches, when a validation is due.
    first = train(tmp_path / "first", (0, 2), **settings, num_workers=1)
    assert first.seen[-1][:2] == (0, 5)
    rest = train(tmp_path / "rest", resume=tmp_path / "first" / "last.ckpt", **settings)
    assert first.seen + rest.seen == undisturbed.seen
    assert_equal(rest, undisturbed)


@pytest.mark.parametrize("at", [(0, 3), (1, 0)])
def test_a_run_of_so_many_steps_goes_on_at_the_end_of_an_epoch_or_within(
    train: Train, tmp_path: Path, at: tuple[int, int]
) -> None:
    undisturbed = train(tmp_path / "whole", max_steps=7)
    first = train(tmp_path / "first", at, max_steps=7)
    rest = train(tmp_path / "rest", resume=tmp_path / "first" / "last.ckpt", max_steps=7)
    assert first.seen + rest.seen == undisturbed.seen
    assert_equal(rest, undisturbed)


def test_a_run_interrupted_in_its_last_epoch_has_something_to_resume(train: Train, tmp_path: Path) -> None:
    train(tmp_path, (1, 1))
    checkpoint = read_checkpoint(tmp_path / "last.ckpt")
    assert (checkpoint.epochs, checkpoint.resumable) == (1, True)


def test_batches_of_another_size_cannot_go_on_within_an_epoch(train: Train, tmp_path: Path) -> None:
    train(tmp_path / "first", (0, 1))
    with pytest.raises(InputError, match=r"within an epoch of batches of 4 images .* makes batches of 3"):
        train(tmp_path / "rest", resume=tmp_path / "first" / "last.ckpt", batch_size=3)
