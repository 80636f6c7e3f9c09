"""What is looked for before a training, and that looking leaves no trace in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import SGD

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import Batch
from lightning_skin.errors import InputError
from lightning_skin.modes.finders import find_batch_size, largest_batch_size, steepest_rate

NewData = Callable[..., SkinLesionDataModule]
RATES = np.logspace(-5, 0, 60)


def test_the_steepest_fall_over_the_logarithm_is_found() -> None:
    losses = 2 - 1 / (1 + (1e-3 / RATES) ** 2)  # a sigmoid over the logarithm, steepest at 1e-3
    assert steepest_rate(RATES.tolist(), losses.tolist()) == pytest.approx(1e-3, rel=0.2)


def test_a_loss_that_diverges_later_does_not_matter() -> None:
    losses = 2 - 1 / (1 + (1e-3 / RATES) ** 2)
    losses[50:] = [4.0, 40.0, 400.0, *[np.nan] * 7]
    assert steepest_rate(RATES.tolist(), losses.tolist()) == pytest.approx(1e-3, rel=0.2)


@pytest.mark.parametrize("losses", [[], [1.0] * 60, np.linspace(1, 2, 60).tolist()])
def test_a_loss_that_falls_nowhere_gives_no_rate(losses: list[float]) -> None:
    assert steepest_rate(RATES.tolist()[: len(losses)], losses) is None


@pytest.mark.slow
def test_the_run_is_the_one_that_starts_with_the_rate_that_was_found(
    images: Path, new_data: NewData, start_fit: Callable[..., float], tmp_path: Path
) -> None:
    start_fit(tmp_path / "found", new_data(images), find="lr")
    record = json.loads((tmp_path / "found" / "run.json").read_text())
    rate = record["found"]["model.optimizer.lr"]
    assert 1e-7 < rate < 1
    assert (tmp_path / "found" / "figures" / "lr_finder.png").is_file()
    assert not list((tmp_path / "found").glob(".lr_find*"))
    start_fit(tmp_path / "by_hand", new_data(images), lr=rate)
    found, by_hand = ((tmp_path / name / "predictions/val.csv").read_text() for name in ("found", "by_hand"))
    assert found == by_hand


def test_a_batch_size_is_not_looked_for_without_a_gpu(
    images: Path, new_data: NewData, new_trainer: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"that a GPU can hold, and this run has none; set data\.batch_size"):
        find_batch_size(nn.Module(), new_data(images), new_trainer(), tmp_path, 0)  # type: ignore[arg-type]


class Greedy(LightningModule):
    """Runs out of memory with more than eight images."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:  # noqa: ARG002
        if len(batch.labels) > 8:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return 1.0 * self.weight

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return SGD(self.parameters(), lr=1.0)


def test_the_largest_batch_is_the_last_doubling_that_fitted(
    images: Path, new_data: NewData, new_trainer: Callable[..., Any], tmp_path: Path
) -> None:
    data = new_data(images, batch_size=2)
    trainer = new_trainer()(callbacks=[], logger=None, folder=tmp_path, limit_val_batches=0)
    assert largest_batch_size(trainer, Greedy(), data) == 8  # type: ignore[arg-type]
    assert data.batch_size == 8
    assert not list(tmp_path.iterdir())
