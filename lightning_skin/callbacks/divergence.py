"""A training that diverges ends, and says where."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities.types import STEP_OUTPUT
from torch import Tensor, nn
from typing_extensions import override

from lightning_skin.errors import InputError

REMEDY = "start anew with a lower model.optimizer.lr or trainer.gradient_clip_val"


class _Step(NamedTuple):
    number: int
    rate: float
    loss: Tensor


class StopWhenDiverged(Callback):
    """Ends a training whose loss is no longer a finite number, and names the step and its learning rate.

    On a GPU, and where processes train together, losses are looked at every ``log_every_n_steps`` batches
    only, since each look waits for the device. An infinite gradient alone is no reason to end: the scaler of
    16-bit training skips it.
    """

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._rate = 0.0
        self._every = 1

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        at_no_cost = trainer.world_size == 1 and pl_module.device.type == "cpu"
        self._every = 1 if at_no_cost else trainer.log_every_n_steps  # type: ignore[attr-defined]
        self._steps = []

    @override
    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        # By the end of the batch, the schedule will have moved on.
        self._rate = trainer.optimizers[0].param_groups[0]["lr"]

    @override
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: STEP_OUTPUT, batch: Any, batch_idx: int
    ) -> None:
        loss = outputs["loss"] if isinstance(outputs, Mapping) else outputs
        if loss is not None:
            self._steps.append(_Step(trainer.global_step, self._rate, loss))
        if (batch_idx + 1) % self._every == 0 or trainer.is_last_batch:
            self._look(trainer)
        if trainer.is_last_batch and not is_finite(pl_module):
            raise _diverged(
                trainer, f"the weights are no longer finite after step {trainer.global_step}", self._rate
            )

    @override
    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._look(trainer)

    def _look(self, trainer: Trainer) -> None:
        """Look at the losses since the last time; all processes at once."""
        steps, self._steps = self._steps, []
        if not steps:
            return
        bad = ~torch.stack([step.loss for step in steps]).isfinite()
        if trainer.world_size > 1:
            bad = trainer.strategy.reduce(bad.int(), reduce_op="max").bool()
        for step, is_bad in zip(steps, bad.tolist(), strict=True):
            if is_bad:
                value = float(step.loss)
                shown = "not finite in another process" if math.isfinite(value) else str(value)
                raise _diverged(trainer, f"the training loss is {shown} at step {step.number}", step.rate)


def is_finite(module: nn.Module) -> bool:
    """Whether all weights are finite numbers."""
    tensors = [one for one in (*module.parameters(), *module.buffers()) if one.is_floating_point()]
    with torch.no_grad():
        norms = torch._foreach_norm(tensors, ord=math.inf)
    return bool(torch.stack([norm.float() for norm in norms]).isfinite().all())


def _diverged(trainer: Trainer, what: str, rate: float) -> InputError:
    kept = _last_good(trainer)
    where = "no checkpoint was written before" if kept is None else f"the last good checkpoint is {kept}"
    return InputError(
        f"{what} (epoch {trainer.current_epoch}, learning rate {rate:.3g}): the training diverged; "
        f"{REMEDY}; {where}"
    )


def _last_good(trainer: Trainer) -> Path | None:
    folders = [one.dirpath for one in trainer.checkpoint_callbacks if isinstance(one, ModelCheckpoint)]
    paths = [Path(folder, f"{name}.ckpt") for name in ("last", "best") for folder in folders if folder]
    if trainer.ckpt_path is not None:
        paths.append(Path(trainer.ckpt_path))
    return next((path for path in paths if path.is_file()), None)
