"""A training whose scores are known beforehand."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.data import DataLoader

from lightning_skin.modes.trainer import build_trainer

Train = Callable[..., Trainer]


class Scripted(LightningModule):
    """Its one weight falls by 1 each epoch, and so counts them; its scores are given."""

    def __init__(self, scores: Sequence[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.scores = list(scores)

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:  # noqa: ARG002
        self.log_dict({"train/loss_step": 0.0, "lr-SGD": 1.0})
        self.log("train/loss", self.weight.detach(), on_step=False, on_epoch=True, batch_size=1)
        return 1.0 * self.weight

    def validation_step(self, batch: Tensor, batch_idx: int) -> None:  # noqa: ARG002
        self.log("val/score", self.scores[self.current_epoch], prog_bar=True, batch_size=1)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=1.0)


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Train with these scores, one an epoch, and these callbacks."""

    def run(
        scores: Sequence[float],
        callbacks: Sequence[Callback],
        ckpt_path: Path | None = None,
        every: int = 1,
        bar: bool = False,
    ) -> Trainer:
        trainer = build_trainer(
            "32-true",
            "cpu",
            bar,
            callbacks,
            None,
            tmp_path,
            max_epochs=len(scores),
            check_val_every_n_epoch=every,
            devices=1,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        batches = DataLoader(torch.zeros(1, 1))
        trainer.fit(Scripted(scores), batches, batches, ckpt_path=ckpt_path, weights_only=True)
        return trainer

    return run
