"""Gradual unfreezing: the head first, then one stage of the backbone after the other."""

import logging
from collections.abc import Iterable

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import BaseFinetuning
from lightning.pytorch.strategies import DDPStrategy
from torch import nn
from torch.optim import Optimizer
from typing_extensions import override

from lightning_skin.models.blocks import Block, find_stages
from lightning_skin.models.network import LesionNetwork

logger = logging.getLogger(__name__)


class GradualUnfreezing(BaseFinetuning):
    """Trains the head, then also the last stage, then the one before it (Howard, Ruder, ACL 2018, sec. 3.3).

    A frozen stage is in evaluation mode, so that its batch norm neither uses nor updates batch statistics; a
    stage that is trained is in training mode with all that it holds. What is trained follows from the epoch
    alone, so that a resumed run repeats an undisturbed one. The optimizer and its schedule know all stages
    from the start, since a schedule has no rates for groups that join later; without gradients an optimizer
    neither moves nor decays a parameter.

    Args:
        network: What requires gradients now is trained in the end.
        head_epochs: Epochs before the first stage joins.
        stage_epochs: Epochs from one stage to the next.
        stages: Into which the backbone is divided.
    """

    def __init__(self, network: LesionNetwork, head_epochs: int, stage_epochs: int, stages: int) -> None:
        super().__init__()
        self.network = network
        self.head_epochs = head_epochs
        self.stage_epochs = stage_epochs
        self.stages = stages
        self._always_frozen = network.frozen
        self._trained = {parameter for parameter in network.parameters() if parameter.requires_grad}
        self._opened = 0

    @override
    def freeze_before_training(self, pl_module: LightningModule) -> None:
        self._open(0)

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # A run that is resumed within an epoch does not start that epoch anew.
        self._open_stages_of(trainer.current_epoch, trainer)
        if trainer.is_global_zero:
            self._warn_of_idle_stages(trainer.max_epochs)

    @override
    def finetune_function(self, pl_module: LightningModule, epoch: int, optimizer: Optimizer) -> None:
        self._open_stages_of(epoch, pl_module.trainer)

    def opened(self, epoch: int) -> int:
        """How many stages are trained in an epoch (from 0), counted from the head."""
        joined = 1 + (epoch - self.head_epochs) // self.stage_epochs
        return max(0, min(joined, len(self._stages())))

    def _stages(self) -> list[list[Block]]:
        # Found anew each time: synchronised batch norm replaces parts of the network when training starts.
        stages = find_stages(self.network.backbone, self.stages)
        return [stage for stage in stages if not self._trained.isdisjoint(_parameters(stage))]

    def _open_stages_of(self, epoch: int, trainer: Trainer) -> None:
        count = self.opened(epoch)
        if count == self._opened:
            return
        self._open(count)
        if isinstance(trainer.strategy, DDPStrategy):
            # The wrapper leaves out the gradients of what was frozen when it was made.
            trainer.strategy.model = trainer.lightning_module
            trainer.strategy.configure_ddp()
        if trainer.is_global_zero:
            first = self._stages()[-count][0]
            logger.info("Epoch %d: %s and all behind it is trained from now on", epoch + 1, first.name)

    def _open(self, count: int) -> None:
        """Train the last ``count`` stages and the head, and nothing else."""
        stages = self._stages()
        closed = [block for stage in stages[: len(stages) - count] for block in stage]
        still_frozen = set(_parameters(closed))
        for parameter in self._trained:
            parameter.requires_grad_(parameter not in still_frozen)
        self.network.frozen = (*self._always_frozen, *(part for block in closed for part in block.modules))
        # Lightning leaves the modes of the parts as it finds them.
        self.network.train(self.network.training)
        self._opened = count

    def _warn_of_idle_stages(self, max_epochs: int | None) -> None:
        count = len(self._stages())
        if max_epochs is None or max_epochs < 0 or self.opened(max_epochs - 1) == count:
            return
        logger.warning(
            "trainer.max_epochs=%d ends while %d of the %d stages of the backbone are still frozen",
            max_epochs,
            count - self.opened(max_epochs - 1),
            count,
        )


def _parameters(blocks: Iterable[Block]) -> list[nn.Parameter]:
    return [parameter for block in blocks for parameter in block.parameters]
