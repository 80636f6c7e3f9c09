"""One row an epoch: metrics.csv and the history plot."""

import csv
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from typing_extensions import override

from lightning_skin.atomic import atomic_path
from lightning_skin.evaluation.figures.history import history_figure
from lightning_skin.evaluation.figures.save import save_figure


class History(Callback):
    """Writes ``metrics.csv`` after each epoch and ``figures/history.png`` when training ends.

    The rows are part of the checkpoint, so that a resumed run has the whole history.

    Args:
        folder: Of the run.
        monitor: Metric whose best epoch the plot marks.
    """

    def __init__(self, folder: str, monitor: str) -> None:
        self.folder = Path(folder)
        self.monitor = monitor
        self.rows: list[dict[str, float]] = []
        self._validated = False

    @override
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._validated = True

    @override
    def state_dict(self) -> dict[str, Any]:
        return {"rows": self.rows}

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.rows = list(state_dict["rows"])

    @override
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metrics = {
            name: float(value)
            for name, value in trainer.callback_metrics.items()
            if self._belongs_to_epoch(name)
        }
        self._validated = False
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        self.rows.append({"epoch": trainer.current_epoch, "step": trainer.global_step, "lr": rate, **metrics})
        if trainer.is_global_zero:
            self._write_csv()

    @override
    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero and self.rows:
            save_figure(
                history_figure(self.rows, self.monitor, "max"), self.folder / "figures" / "history.png"
            )

    def _belongs_to_epoch(self, name: str) -> bool:
        if name.startswith("val/"):
            # The trainer keeps the scores of the last validation, however many epochs ago that was.
            return self._validated
        # These say what the last step was.
        return name != "train/loss_step" and not name.startswith("lr-")

    def _write_csv(self) -> None:
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with (
            atomic_path(self.folder / "metrics.csv") as path,
            path.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.rows)
