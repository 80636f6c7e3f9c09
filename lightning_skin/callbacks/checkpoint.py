"""The best and the last checkpoint of a run."""

import math
import shutil
import time
from pathlib import Path
from typing import Any

from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loops.fit_loop import _FitLoop
from lightning.pytorch.loops.loop import _Loop
from lightning.pytorch.utilities.types import STEP_OUTPUT
from typing_extensions import override

from lightning_skin.callbacks.divergence import is_finite
from lightning_skin.callbacks.epoch_sums import Sums, add_sums, running_sums
from lightning_skin.callbacks.interruption import Interruption, agreed
from lightning_skin.models.checkpoint_file import save_content

SUMS_KEY = "epoch_sums"
SAVE = 1  # below every signal that ends a training


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints complete or not at all.

    Lightning's own writes elsewhere first and copies, so that a run killed in between, or a full disk,
    leaves a damaged checkpoint where a good one was.
    """

    @override
    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        save_content(checkpoint, Path(path))


class LastCheckpoint(ModelCheckpoint):
    """Writes ``last.ckpt`` with all it takes to resume: after every epoch, and within.

    A training that is resumed within an epoch goes on with the next batch. Ctrl-C and SIGTERM are heeded
    after the batch, or after the validation that is under way, once the checkpoint is written; a second one
    at once. Weights that are not finite are never written.

    Args:
        dirpath: Folder of the checkpoints.
        every_n_minutes: Within an epoch, so often at most; ``None`` for never.
        every_n_train_steps: Within an epoch, also after so many optimizer steps; ``None`` for never.
    """

    def __init__(
        self, dirpath: str, every_n_minutes: float | None = None, every_n_train_steps: int | None = None
    ) -> None:
        super().__init__(dirpath, filename="last", save_on_train_epoch_end=True, enable_version_counter=False)
        self.seconds = math.inf if every_n_minutes is None else 60 * every_n_minutes
        self.steps = math.inf if every_n_train_steps is None else every_n_train_steps
        self.interruption = Interruption()
        self._saved_at = (0.0, 0)
        self._to_add: list[Sums] = []

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_start(trainer, pl_module)
        _begin_next_epoch(trainer.fit_loop)
        self._saved_at = (time.monotonic(), trainer.global_step)
        self.interruption.watch(announce=trainer.is_global_zero)

    @override
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: STEP_OUTPUT, batch: Any, batch_idx: int
    ) -> None:
        add_sums(trainer, self._to_add)
        self._to_add = []
        wish = agreed(trainer, self.interruption.received or (SAVE if self._is_due(trainer) else 0))
        if wish and _is_resumable_after(trainer, batch_idx):
            self._save_topk_checkpoint(trainer, {})
            self._heed(wish)

    @override
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_epoch_end(trainer, pl_module)
        self._heed(agreed(trainer, self.interruption.received))

    def _is_due(self, trainer: Trainer) -> bool:
        seconds, steps = self._saved_at
        return time.monotonic() - seconds >= self.seconds or trainer.global_step - steps >= self.steps

    def _heed(self, wish: int) -> None:
        if wish > SAVE:
            self.interruption.received = wish
            self.interruption.heed()

    @override
    def _save_checkpoint(self, trainer: Trainer, filepath: str) -> None:
        self._saved_at = (time.monotonic(), trainer.global_step)
        if is_finite(trainer.lightning_module):
            super()._save_checkpoint(trainer, filepath)

    @override
    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        epochs = trainer.fit_loop.epoch_progress.current.state_dict()
        if epochs["started"] > epochs["processed"]:
            checkpoint[SUMS_KEY] = running_sums(trainer)

    @override
    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        self._to_add = checkpoint.get(SUMS_KEY, [])

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # Nothing to carry over: the next save writes it anew, wherever it stood before.
        return

    @override
    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_end(trainer, pl_module)
        self.interruption.release()

    @override
    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self.interruption.release()


def _begin_next_epoch(loop: _FitLoop) -> None:
    """Where a complete epoch is resumed, go on with the next one.

    With ``max_steps``, Lightning would take it for unfinished, and count one more epoch without training.
    """
    epochs = loop.epoch_progress
    current = epochs.current.state_dict()
    if loop.restarting and current["started"] == current["processed"]:
        epochs.current.completed = current["processed"]
        epochs.total.completed = epochs.total.state_dict()["processed"]
        _Loop.restarting.fset(loop, False)  # type: ignore[attr-defined]  # the fit loop's own keeps it set
        for part in (loop, loop.epoch_loop, loop.epoch_loop.val_loop):
            part.reset_restart_stage()


def _is_resumable_after(trainer: Trainer, batch_idx: int) -> bool:
    """Whether Lightning can go on after this batch as if nothing had happened.

    It cannot while gradients are accumulated, and it would leave out a validation that is due now.
    """
    if trainer.is_last_batch or (batch_idx + 1) % trainer.accumulate_grad_batches:
        return False
    if not trainer.enable_validation or trainer.val_check_batch is None:
        return True
    batches = trainer.fit_loop.total_batch_idx if trainer.check_val_every_n_epoch is None else batch_idx
    return (batches + 1) % trainer.val_check_batch != 0


class BestCheckpoint(ModelCheckpoint):
    """Writes ``best.ckpt``, the weights of the epoch with the highest ``monitor``.

    A run that resumes another one in a folder of its own takes its best checkpoint and score along, so
    that a worse epoch cannot pass for the best.

    Args:
        dirpath: Folder of the checkpoints.
        monitor: Metric that selects.
    """

    def __init__(self, dirpath: str, monitor: str) -> None:
        super().__init__(
            dirpath,
            filename="best",
            monitor=monitor,
            mode="max",
            save_weights_only=True,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
        self._resumed_from: Path | None = None

    @override
    def on_load_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        # Called before load_state_dict; in setup, the trainer does not know the path yet.
        self._resumed_from = Path(str(trainer.ckpt_path)).parent

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        own = Path(str(self.dirpath), "best.ckpt")
        # The run may have been moved since, so its folder is where last.ckpt was found.
        other = own if self._resumed_from is None else self._resumed_from / own.name
        if not other.is_file():
            return
        if not own.exists() or not own.samefile(other):
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(other, own)
        score = state_dict["best_model_score"]
        paths = {"best_model_path": str(own), "kth_best_model_path": str(own), "last_model_path": ""}
        super().load_state_dict(
            {**state_dict, **paths, "dirpath": self.dirpath, "best_k_models": {str(own): score}}
        )
