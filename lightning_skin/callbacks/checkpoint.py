"""The best and the last checkpoint of a run."""

import io
import shutil
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from typing_extensions import override

from lightning_skin.atomic import atomic_path


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints complete or not at all.

    Lightning's own writes elsewhere first and copies, so that a run killed in between, or a full disk,
    leaves a damaged checkpoint where a good one was.
    """

    @override
    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        # Through memory, because PyTorch's own writer does not say that a disk is full.
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with atomic_path(Path(path)) as partial:
            partial.write_bytes(content.getbuffer())


class LastCheckpoint(ModelCheckpoint):
    """Writes ``last.ckpt`` after every epoch, with all it takes to resume.

    Args:
        dirpath: Folder of the checkpoints.
    """

    def __init__(self, dirpath: str) -> None:
        super().__init__(dirpath, filename="last", save_on_train_epoch_end=True, enable_version_counter=False)

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # Nothing to carry over: the next epoch writes it anew, wherever it stood before.
        return


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
