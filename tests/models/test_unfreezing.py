"""Which parts of a network move in which epoch, and how fast."""

import math
import shutil
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.optim import AdamW
from torch.utils.data import DataLoader, TensorDataset
from typing_extensions import override

from lightning_skin.callbacks.checkpoint import LastCheckpoint
from lightning_skin.models.checkpoint import Facts
from lightning_skin.models.classifier import SkinLesionClassifier
from lightning_skin.models.losses.cross_entropy import CrossEntropy
from lightning_skin.models.network import LesionNetwork, NetworkSpec
from lightning_skin.models.schedules import Schedule, constant, plateau, warmup_cosine
from lightning_skin.models.transfer import gradual
from lightning_skin.modes.trainer import build_trainer

IMAGES = torch.randn(8, 2, 2, 2, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 1, 0, 1, 0, 1, 1])
RATE = 0.1

HEAD = {"head.weight", "head.bias"}
LAST = {f"backbone.{name}" for name in ("2.weight", "2.bias", "3.weight", "3.bias")}
LAST_STATISTICS = {f"backbone.3.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")}
FIRST = {f"backbone.{name}" for name in ("0.weight", "0.bias", "1.weight", "1.bias")}
FIRST_STATISTICS = {f"backbone.1.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")}


class Recorder(Callback):
    """Notes what moved in each epoch, and in each step what was trained at which rates.

    Keeps the checkpoint of the third step, which lies within the second epoch, as ``within.ckpt``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.moved: list[set[str]] = []
        self.rates: list[list[float]] = []
        self.trainable: list[set[str]] = []
        self._before: dict[str, Tensor] = {}

    @override
    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._before = {name: value.clone() for name, value in pl_module.network.state_dict().items()}

    @override
    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self.rates.append([group["lr"] for group in trainer.optimizers[0].param_groups])
        last = self.folder / "last.ckpt"
        if trainer.global_step == 3 and last.is_file():
            shutil.copy(last, self.folder / "within.ckpt")
        parameters = pl_module.network.named_parameters()
        self.trainable.append({name for name, parameter in parameters if parameter.requires_grad})

    @override
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        after = pl_module.network.state_dict()
        self.moved.append({name for name, old in self._before.items() if not torch.equal(old, after[name])})


class Training(NamedTuple):
    recorder: Recorder
    classifier: SkinLesionClassifier


def train(
    folder: Path,
    epochs: int,
    schedule: Schedule = constant,
    resume: Path | None = None,
    train_from: str | None = None,
    **settings: Any,
) -> Training:
    """Two blocks with batch norm, a stage each; two steps an epoch."""
    torch.manual_seed(3)
    parts = [nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3), nn.Conv2d(3, 3, 2), nn.BatchNorm2d(3), nn.Flatten()]
    network = LesionNetwork(nn.Sequential(*parts), nn.Linear(3, 2))
    network.train_from(train_from)
    facts = Facts(NetworkSpec("", "", 0.0, None), ("mel", "nv"), {}, "")
    unset = {"stages": 2, "head_epochs": 1, "stage_epochs": 2, "lr_decay": 0.5, "head_lr_factor": 4.0}
    transfer = gradual(**(unset | settings))
    optimizer = partial(AdamW, lr=RATE, weight_decay=0.5)
    classifier = SkinLesionClassifier(
        network, facts, CrossEntropy(0.0, None), optimizer, schedule, 0, transfer
    )
    recorder = Recorder(folder)
    limits = {"max_epochs": epochs, "devices": 1, "enable_model_summary": False, "num_sanity_val_steps": 0}
    callbacks = [recorder, LastCheckpoint(str(folder), every_n_train_steps=1)]
    trainer = build_trainer("32-true", "cpu", False, callbacks, None, folder, **limits)
    batches = DataLoader(
        TensorDataset(IMAGES, LABELS, torch.arange(8)), batch_size=4, generator=torch.Generator()
    )
    trainer.fit(classifier, batches, batches, ckpt_path=resume, weights_only=True)
    return Training(recorder, classifier)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """Four epochs: the head, with the last stage for two of them, with both."""
    return train(tmp_path_factory.mktemp("whole"), 4, partial(warmup_cosine, warmup=0.25))


def test_stages_join_with_their_batch_norm_at_their_epochs_and_not_a_bit_before(
    whole: Training,
) -> None:
    last = HEAD | LAST | LAST_STATISTICS
    assert whole.recorder.moved == [HEAD, last, last, last | FIRST | FIRST_STATISTICS]


def test_each_group_follows_the_schedule_at_its_multiple_whenever_it_joins(whole: Training) -> None:
    # 8 steps, 2 of them rise.
    factors = [1 / 2, 1.0, *(0.5 * (1 + math.cos(math.pi * step / 6)) for step in range(6))]
    head, last, first = (RATE * multiple for multiple in (4.0, 0.5, 0.25))
    expected = [[rate * factor for rate in (head, head, last, last, first, first)] for factor in factors]
    torch.testing.assert_close(torch.tensor(whole.recorder.rates), torch.tensor(expected))


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_resumed_run_repeats_an_undisturbed_one(whole: Training, epochs: int, tmp_path: Path) -> None:
    # The schedule is that of four epochs, of which the trainer stops early.
    schedule = partial(_of_four_epochs, warmup=0.25)
    train(tmp_path / "begun", epochs, schedule)
    resumed = train(tmp_path / "rest", 4, schedule, resume=tmp_path / "begun" / "last.ckpt")
    assert resumed.recorder.moved == whole.recorder.moved[epochs:]
    assert resumed.recorder.rates == whole.recorder.rates[2 * epochs :]
    expected = dict(whole.classifier.network.state_dict())
    torch.testing.assert_close(dict(resumed.classifier.network.state_dict()), expected, rtol=0, atol=0)


def test_a_run_resumed_within_an_epoch_trains_what_that_epoch_trains(whole: Training, tmp_path: Path) -> None:
    train(tmp_path / "begun", 4)
    resumed = train(tmp_path / "rest", 4, resume=tmp_path / "begun" / "within.ckpt")
    assert resumed.recorder.trainable[0] == HEAD | LAST
    assert resumed.recorder.trainable == whole.recorder.trainable[3:]


def _of_four_epochs(optimizer: Any, total_steps: float, warmup: float) -> Any:  # noqa: ARG001
    return warmup_cosine(optimizer, 8, warmup)


def test_a_plateau_lowers_the_rates_of_stages_that_have_not_joined_too(tmp_path: Path) -> None:
    schedule = partial(plateau, monitor="val/balanced_accuracy", factor=0.1, patience=0)
    rates = train(tmp_path, 8, schedule, lr_decay=1.0, head_lr_factor=1.0).recorder.rates
    assert all(len(set(step)) == 1 for step in rates)
    assert rates[-1][0] < RATE


def test_what_model_train_from_freezes_stays_frozen_and_is_no_stage(tmp_path: Path) -> None:
    moved = train(tmp_path, 4, train_from="2").recorder.moved
    assert moved == [HEAD, *[HEAD | LAST | LAST_STATISTICS] * 3]


def test_a_training_too_short_for_the_last_stage_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(tmp_path, 2)
    assert "trainer.max_epochs=2 ends while 1 of the 2 stages of the backbone are still frozen" in caplog.text


def test_it_says_which_part_joins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    train(tmp_path, 4)
    joined = [record.getMessage() for record in caplog.records if "from now on" in record.getMessage()]
    assert joined == [
        "Epoch 2: 2 and all behind it is trained from now on",
        "Epoch 4: 0 and all behind it is trained from now on",
    ]
