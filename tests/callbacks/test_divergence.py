import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from lightning_skin.callbacks.checkpoint import LastCheckpoint
from lightning_skin.callbacks.divergence import StopWhenDiverged, is_finite
from lightning_skin.errors import InputError
from lightning_skin.modes.trainer import build_trainer

BATCHES = 3


class Scripted(LightningModule):
    """Its losses are given, one a batch, and so is its gradient; its rate halves each step from 1."""

    def __init__(self, losses: Sequence[float], gradient: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.losses = iter(losses)
        self.gradient = gradient

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:  # noqa: ARG002
        return next(self.losses) + (self.weight - self.weight.detach()) * self.gradient

    def configure_optimizers(self) -> tuple[list[SGD], list[dict[str, object]]]:
        optimizer = SGD(self.parameters(), lr=1.0)
        schedule = LambdaLR(optimizer, lambda step: 0.5**step)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def train(
    folder: Path,
    losses: Sequence[float],
    every: int | None = None,
    gradient: float = 0.0,
    stops: bool = True,
) -> None:
    callbacks = [LastCheckpoint(str(folder), every_n_train_steps=every), *[StopWhenDiverged()] * stops]
    trainer = build_trainer(
        "32-true",
        "cpu",
        False,
        callbacks,
        None,
        folder,
        max_epochs=len(losses) // BATCHES,
        enable_model_summary=False,
    )
    trainer.fit(Scripted(losses, gradient), DataLoader(torch.zeros(BATCHES, 1)))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_step_rate_and_last_checkpoint_are_named(tmp_path: Path, bad: float) -> None:
    with pytest.raises(InputError) as caught:
        train(tmp_path, [0.1, 0.1, 0.1, 0.1, bad, 0.1])
    said = str(caught.value)
    assert f"the training loss is {bad} at step 5 (epoch 1, learning rate 0.0625)" in said
    assert "lower model.optimizer.lr" in said
    assert said.endswith(f"the last good checkpoint is {tmp_path}/last.ckpt")


def test_the_last_checkpoint_stays_the_last_good_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at step 5"):
        train(tmp_path, [0.1, 0.1, 0.1, 0.1, math.nan, 0.1], every=1)
    content = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert content["global_step"] == 4
    assert content["state_dict"]["weight"].isfinite()


def test_a_run_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"at step 1 \(.*; no checkpoint was written before"):
        train(tmp_path, [math.nan, 0.1, 0.1])


def test_weights_that_the_last_step_of_an_epoch_spoilt_are_noticed(tmp_path: Path) -> None:
    # It falls by 2e38, half and a quarter of that, which is more than a 32-bit number holds.
    with pytest.raises(InputError, match=r"the weights are no longer finite after step 3 \(epoch 0"):
        train(tmp_path, [0.1, 0.1, 0.1], gradient=2e38)
    assert not (tmp_path / "last.ckpt").exists()


def test_spoilt_weights_are_not_written_even_if_nothing_ends_the_training(tmp_path: Path) -> None:
    train(tmp_path, [0.1, 0.1, 0.1], every=1, gradient=2e38, stops=False)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] == 2


def test_large_finite_losses_go_on(tmp_path: Path) -> None:
    train(tmp_path, [1e30, -1e30, 1.0])
    assert (tmp_path / "last.ckpt").is_file()


def test_statistics_of_batch_norm_count_as_weights() -> None:
    norm = nn.BatchNorm1d(2)
    assert is_finite(norm)
    norm.running_var[1] = math.inf
    assert not is_finite(norm)
