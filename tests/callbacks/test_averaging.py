"""Averages of weights: their values, what is validated and kept, and resuming."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.utils.data import DataLoader
from typing_extensions import override

from lightning_skin.callbacks.averaging import (
    ExponentialMovingAverage,
    RunningAverage,
    StochasticWeightAverage,
)
from lightning_skin.callbacks.checkpoint import BestCheckpoint, LastCheckpoint
from lightning_skin.errors import InputError

Train = Callable[..., Trainer]

# The weight after epoch n is -n; the first update copies it.
MOVING = [-1.0]
for number in (1, 2, 3):
    decay = min(0.3, (1 + number) / (10 + number))
    MOVING.append(decay * MOVING[-1] + (1 - decay) * -(number + 1))
STOCHASTIC = [-1.0, -2.0, -2.5, -3.0]  # epochs 2, 3 and 4 count

CASES = [(ExponentialMovingAverage, 0.3, MOVING), (StochasticWeightAverage, 0.25, STOCHASTIC)]


class Watch(Callback):
    """The weight that each validation sees."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    @override
    def on_validation_batch_start(self, trainer: Trainer, pl_module: LightningModule, *rest: Any) -> None:
        self.seen.append(float(pl_module.weight.detach()))  # type: ignore[operator]


def content(path: Path) -> dict[str, Any]:
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_the_average_of_each_epoch_is_what_is_validated(
    train: Train, kind: Callable[..., RunningAverage], value: float, expected: list[float]
) -> None:
    watch = Watch()
    train([0.1, 0.2, 0.3, 0.4], [kind(value), watch])
    assert watch.seen == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_the_best_checkpoint_holds_the_average_and_the_last_one_the_weights_too(
    train: Train, kind: Callable[..., RunningAverage], value: float, expected: list[float], tmp_path: Path
) -> None:
    callbacks = [kind(value), BestCheckpoint(str(tmp_path), "val/score"), LastCheckpoint(str(tmp_path))]
    train([0.1, 0.2, 0.9, 0.4], callbacks)
    assert content(tmp_path / "best.ckpt")["state_dict"]["weight"].item() == pytest.approx(expected[2])
    last = content(tmp_path / "last.ckpt")
    assert last["state_dict"]["weight"].item() == pytest.approx(expected[3])
    assert last["current_model_state"]["weight"].item() == -4


@pytest.mark.parametrize(("kind", "value", "expected"), CASES)
def test_a_resumed_training_averages_as_an_undisturbed_one(
    train: Train, kind: Callable[..., RunningAverage], value: float, expected: list[float], tmp_path: Path
) -> None:
    scores = [0.1, 0.2, 0.3, 0.4]

    class Stop(Callback):
        @override
        def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
            trainer.should_stop = trainer.current_epoch == 1

    train(scores, [kind(value), LastCheckpoint(str(tmp_path)), Stop()])
    watch = Watch()
    train(scores, [kind(value), LastCheckpoint(str(tmp_path / "b")), watch], tmp_path / "last.ckpt")
    assert watch.seen == pytest.approx(expected[2:])


def test_a_checkpoint_that_is_validated_after_the_training_is_not_replaced_by_the_average(
    train: Train, tmp_path: Path
) -> None:
    watch = Watch()
    best = BestCheckpoint(str(tmp_path), "val/score")
    trainer = train([0.1, 0.9, 0.3, 0.4], [ExponentialMovingAverage(0.3), watch, best])
    batches = DataLoader(torch.zeros(1, 1))
    module = trainer.lightning_module
    module.scores.append(0.0)  # type: ignore[operator, union-attr]
    trainer.validate(module, batches, ckpt_path=tmp_path / "best.ckpt", weights_only=True)  # type: ignore[arg-type]
    assert watch.seen[-1] == pytest.approx(MOVING[1])


def test_running_statistics_are_averaged_and_counts_are_copied() -> None:
    average = ExponentialMovingAverage(0.5)
    statistics, counts = [torch.tensor([1.0, 3.0])], [torch.tensor(7)]
    average._update(statistics, [torch.tensor([3.0, 3.0])], 100)
    average._update(counts, [torch.tensor(8)], 100)
    assert (statistics[0].tolist(), counts[0].item()) == ([2.0, 3.0], 8)


def test_the_last_part_of_a_training_without_an_end_is_refused() -> None:
    trainer = Trainer(max_epochs=-1, accelerator="cpu", logger=False, enable_checkpointing=False)
    with pytest.raises(InputError, match=r"trainer\.max_epochs is -1; set trainer\.max_epochs, or take"):
        StochasticWeightAverage(0.75).on_fit_start(trainer, LightningModule())
