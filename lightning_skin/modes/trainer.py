"""Lightning's Trainer, with what depends on the device chosen by it."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.accelerators import CPUAccelerator
from lightning.pytorch.callbacks import ProgressBar
from lightning.pytorch.loggers import Logger

from lightning_skin.callbacks.checkpoint import AtomicCheckpointIO
from lightning_skin.errors import InputError

# What Lightning and the libraries below it say of choices that are made here on purpose.
NOISE = (
    ".*LeafSpec.* is deprecated",
    ".*does not have many workers",
    ".*smaller than the logging interval",
    ".*Checkpoint directory .* exists and is not empty",
    ".*`weights_only` was not set",
    ".*It is recommended to use `self.log\\(.*sync_dist=True",  # computed from the outputs of all processes
    "Using `DistributedSampler` with the dataloaders",  # images that it repeats count once
    ".*module.* in eval mode at the start of training",
    "You're resuming from a checkpoint that ended before the epoch ended",  # the data module knows where
    ".*ReduceLROnPlateau conditioned on metric .* which is not available but strict is set to `False`",
    "`ModelCheckpoint\\(monitor=.*could not find the monitored key",  # max_steps ends before a validation
)


def build_trainer(
    precision: str,
    accelerator: str,
    enable_progress_bar: bool,
    callbacks: Sequence[Callback],
    logger: Logger | None,
    folder: Path,
    **arguments: Any,  # noqa: ANN401 - Lightning's own, checked by the configuration's rules
) -> Trainer:
    """Build a Trainer.

    Args:
        precision: Lightning's, or ``auto``: bf16-mixed on GPUs that have it, 32-true elsewhere. A CPU
            without native bf16 would be an order of magnitude slower with it.
        accelerator: Lightning's.
        enable_progress_bar: Without it, progress bars among the callbacks are left out.
        callbacks: Called in this order.
        logger: ``None`` logs nothing.
        folder: Of the run.
        arguments: Further arguments of the Trainer.

    Raises:
        InputError: Batch norm is to be synchronised between CPUs.
    """
    _quiet()
    on_gpu = accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()
    if on_gpu:
        # Convolutions and matrix products in TF32 where 32-bit remains.
        torch.set_float32_matmul_precision("high")
    if precision == "auto":
        precision = "bf16-mixed" if on_gpu and torch.cuda.is_bf16_supported() else "32-true"
    trainer = Trainer(
        precision=precision,  # type: ignore[arg-type]
        accelerator=accelerator,
        enable_progress_bar=enable_progress_bar,
        callbacks=[one for one in callbacks if enable_progress_bar or not isinstance(one, ProgressBar)],
        logger=False if logger is None else logger,
        default_root_dir=folder,
        plugins=[AtomicCheckpointIO()],
        **arguments,
    )
    on_cpu = isinstance(trainer.accelerator, CPUAccelerator)
    if arguments.get("sync_batchnorm") and on_cpu and trainer.world_size > 1:
        raise InputError("trainer.sync_batchnorm is true, which PyTorch has for GPUs only; leave it out")
    return trainer


def _quiet() -> None:
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in NOISE:
        warnings.filterwarnings("ignore", message)
