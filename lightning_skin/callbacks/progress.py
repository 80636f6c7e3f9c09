"""Progress: a bar on a terminal, a line an epoch in a log file."""

import logging
import time

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ProgressBar, RichProgressBar
from rich.console import Console
from typing_extensions import override

logger = logging.getLogger(__name__)


def progress_bar() -> ProgressBar:
    """A rich bar where it can be drawn; otherwise lines, since a bar would leave a log file empty."""
    console = Console()
    return RichProgressBar(leave=True) if console.is_terminal or console.is_jupyter else EpochLines()


class EpochLines(ProgressBar):
    """Logs a line when an epoch of training ends: its losses, what the bar would show, and its duration."""

    def __init__(self) -> None:
        super().__init__()
        self._started = 0.0

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # An epoch that is resumed midway does not start.
        self._started = time.monotonic()

    @override
    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._started = time.monotonic()

    @override
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if not trainer.is_global_zero:
            return
        shown = {"train/loss", "val/loss", *trainer.progress_bar_metrics} - {"train/loss_step"}
        metrics = [
            f"{name} {float(value):.4f}"
            for name, value in sorted(trainer.callback_metrics.items())
            if name in shown
        ]
        last = "" if trainer.max_epochs in (None, -1) else f" of {trainer.max_epochs}"
        seconds = time.monotonic() - self._started
        logger.info("epoch %d%s: %s, %.0f s", trainer.current_epoch + 1, last, ", ".join(metrics), seconds)

    @override
    def disable(self) -> None:
        """Nothing to do: other processes than the first log nothing."""
