"""Looking for a learning rate or a batch size before a training."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import Trainer, seed_everything
from lightning.pytorch.tuner.tuning import Tuner

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.errors import InputError
from lightning_skin.evaluation.figures.learning_rate import learning_rate_figure
from lightning_skin.evaluation.figures.save import save_figure
from lightning_skin.models.classifier import SkinLesionClassifier

logger = logging.getLogger(__name__)

LOWEST, HIGHEST = 1e-7, 1.0
STEPS = 100
WINDOW = 11  # steps that a slope is fitted to
SETTLING = 30  # first steps of them, in which the running mean of the losses is far too low
LARGEST = 2**13  # images a batch: more fit no GPU, and gain nothing


def find_learning_rate(
    classifier: SkinLesionClassifier,
    data: SkinLesionDataModule,
    build_trainer: Callable[..., Trainer],
    folder: Path,
    seed: int,
) -> float:
    """Let ``classifier`` train with the rate at which the loss falls most steeply.

    A range test (Smith, WACV 2017) by Lightning's tuner. The weights and all random streams are left as they
    were, so that the training that follows is the one that starts with this rate.

    Args:
        classifier: To be trained; its optimizer gets the rate.
        data: Images to train on.
        build_trainer: From callbacks, logger and folder.
        folder: Takes ``figures/lr_finder.png``.
        seed: Of the run.

    Returns:
        The rate.

    Raises:
        InputError: The loss falls nowhere.
    """
    # Few images take many epochs.
    trainer = build_trainer(
        callbacks=[], logger=None, folder=folder, limit_val_batches=0, max_epochs=STEPS, max_steps=-1
    )
    found = Tuner(trainer).lr_find(
        classifier,
        datamodule=data,
        min_lr=LOWEST,
        max_lr=HIGHEST,
        num_training=STEPS,
        update_attr=False,
    )
    rates, losses = ([], []) if found is None else (found.results[name][SETTLING:] for name in ("lr", "loss"))
    suggestion = steepest_rate(rates, losses)
    if suggestion is None:
        raise InputError(
            "find=lr found no learning rate at which the loss falls; leave it out and set model.optimizer.lr"
        )
    if trainer.is_global_zero:
        save_figure(learning_rate_figure(rates, losses, suggestion), folder / "figures" / "lr_finder.png")
        logger.info("find=lr: training with model.optimizer.lr=%.2e (figures/lr_finder.png)", suggestion)
    classifier.build_optimizer = partial(classifier.build_optimizer, lr=suggestion)
    seed_everything(seed, workers=True, verbose=False)
    return suggestion


def steepest_rate(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """The rate around which the loss falls most steeply, over the logarithm of the rate.

    Lightning's own suggestion takes the slope over the rate itself, which is steepest among the smallest.

    Args:
        rates: Rising.
        losses: At these rates.

    Returns:
        ``None`` where there are too few points, or the loss falls nowhere.
    """
    if len(rates) < WINDOW:
        return None
    x, y = (np.lib.stride_tricks.sliding_window_view(values, WINDOW) for values in (np.log(rates), losses))
    x, y = (values - values.mean(axis=1, keepdims=True) for values in (x, y))
    slopes = (x * y).sum(axis=1) / (x**2).sum(axis=1)
    steepest = int(np.nanargmin(np.where(np.isfinite(slopes), slopes, np.inf)))
    return float(rates[steepest + WINDOW // 2]) if slopes[steepest] < 0 else None


def find_batch_size(
    classifier: SkinLesionClassifier,
    data: SkinLesionDataModule,
    build_trainer: Callable[..., Trainer],
    folder: Path,
    seed: int,
) -> int:
    """Give ``data`` the largest batch size, a power of two times its own, that the GPU can hold.

    Args:
        classifier: To be trained.
        data: Images to train on; gets the batch size.
        build_trainer: From callbacks, logger and folder.
        folder: Of the run.
        seed: Of the run.

    Returns:
        The batch size.

    Raises:
        InputError: There is no GPU: a processor's memory is shared with all else that runs.
    """
    trainer = build_trainer(callbacks=[], logger=None, folder=folder, limit_val_batches=0)
    if trainer.strategy.root_device.type != "cuda":
        raise InputError(
            "find=batch_size looks for the largest batch that a GPU can hold, and this run has none; "
            "set data.batch_size and leave find out"
        )
    size = largest_batch_size(trainer, classifier, data)
    logger.info("find=batch_size: training with data.batch_size=%d", size)
    torch.cuda.empty_cache()
    seed_everything(seed, workers=True, verbose=False)
    return size


def largest_batch_size(trainer: Trainer, classifier: SkinLesionClassifier, data: SkinLesionDataModule) -> int:
    """Double ``data.batch_size`` until memory runs out, and leave it at the last one that fitted."""
    doublings = max(1, (LARGEST // data.batch_size).bit_length() - 1)
    size = Tuner(trainer).scale_batch_size(
        classifier, datamodule=data, mode="power", init_val=data.batch_size, max_trials=doublings
    )
    return data.batch_size if size is None else size
