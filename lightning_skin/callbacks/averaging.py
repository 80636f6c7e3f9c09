"""Averages of weights over a training, validated and kept in place of the weights themselves."""

from functools import partial
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from typing_extensions import override

from lightning_skin.errors import InputError


class RunningAverage(WeightAveraging):
    """Lightning's averaging of weights, each update a step of a chosen length towards the weights.

    While an epoch is validated and when a checkpoint is written, the average stands in for the weights, which
    a checkpoint holds apart to resume from. The running statistics of batch norm are averaged like weights,
    which needs no further pass over the images.
    """

    def __init__(self) -> None:
        super().__init__(use_buffers=True, multi_avg_fn=self._update)
        self._hook: RemovableHandle | None = None

    def share(self, updates: int) -> float:
        """How far the average moves towards the weights, in [0, 1].

        Args:
            updates: Before this one.
        """
        raise NotImplementedError

    def _update(self, averages: list[Tensor], weights: list[Tensor], updates: Tensor | int) -> None:
        if averages[0].is_floating_point():
            torch._foreach_lerp_(averages, weights, self.share(int(updates)))
        else:
            torch._foreach_copy_(averages, weights)  # counts of batches

    @override
    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        super().setup(trainer, pl_module, stage)
        if stage == "fit":
            # Lightning does not ask callbacks about a checkpoint that holds weights alone.
            # PyTorch marks the hook, which a bound method does not allow.
            self._hook = pl_module.register_state_dict_post_hook(  # type: ignore[no-untyped-call]
                partial(self._stand_in)
            )

    def _stand_in(self, _: nn.Module, state_dict: dict[str, Tensor], prefix: str, *__: object) -> None:
        if self._average_model is not None:
            state_dict.update(self._average_model.module.state_dict(prefix=prefix))

    @override
    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        super().on_save_checkpoint(trainer, pl_module, checkpoint)
        if self._average_model is not None:
            average, self._average_model = self._average_model, None
            checkpoint["current_model_state"] = pl_module.state_dict()
            self._average_model = average

    @override
    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        # Else Lightning would put it in place of the checkpoint that is validated after the training.
        if stage == "fit" and self._hook is not None:
            self._hook.remove()
            self._hook = self._average_model = None


class ExponentialMovingAverage(RunningAverage):
    """Moves by ``1 - decay`` at each step; by more at first, so that a short training is averaged too.

    The decay of the n-th update is the lower one of ``decay`` and ``(1 + n) / (10 + n)``.

    Args:
        decay: In [0, 1).
    """

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay

    @override
    def share(self, updates: int) -> float:
        return 1 - min(self.decay, (1 + updates) / (10 + updates))


class StochasticWeightAverage(RunningAverage):
    """The mean over the ends of the last epochs (Izmailov et al., UAI 2018).

    Before them it is the weights themselves.

    Args:
        start: Share of the training after which epochs count, in [0, 1).
    """

    def __init__(self, start: float) -> None:
        super().__init__()
        self.start = start
        self._first = 0
        self._at_the_end = False

    @override
    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.max_epochs is None or trainer.max_epochs < 0:
            raise InputError(
                "averaging=swa averages the last part of a training, and trainer.max_epochs is -1; "
                "set trainer.max_epochs, or take averaging=ema"
            )
        self._first = int(self.start * trainer.max_epochs)

    @override
    def share(self, updates: int) -> float:
        # One update an epoch.
        return 1 / (max(0, updates - self._first) + 1)

    @override
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._at_the_end = trainer.is_last_batch
        super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    @override
    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        # The last batch rather than the end of the epoch, which comes after its validation.
        return step_idx is not None and self._at_the_end
