"""Pictures in TensorBoard: what the network sees, and where it is wrong."""

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from matplotlib.figure import Figure
from torch.utils.tensorboard import SummaryWriter
from torchvision.utils import make_grid
from typing_extensions import override

from lightning_skin.data.augmentation.mixing import batch_seed
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import collate
from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure
from lightning_skin.evaluation.figures.wrong_images import wrong_images_figure
from lightning_skin.models.collector import Outputs
from lightning_skin.models.tester import SkinLesionTester

GRID_IMAGES = 32
MISTAKES = 12


class TensorBoardFigures(Callback):
    """Shows augmented training images once, and confusion matrix and worst mistakes after each validation."""

    @override
    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if (writer := _writer(trainer)) is None:
            return
        data = _data(trainer)
        dataset = data.dataset("train", data.augmentation)
        # Spread over the table, which is sorted by class in most layouts.
        keys = np.linspace(0, len(dataset) - 1, min(GRID_IMAGES, len(dataset))).astype(int)
        images, labels, rows = collate([dataset[int(key)] for key in keys])
        if data.mixing is not None:
            seed = batch_seed(data.seed, 0, rows)
            images, _ = data.mixing(images / 255, labels, len(data.class_names), seed)
        writer.add_image("train/augmented_images", make_grid(images, nrow=8), trainer.global_step)

    @override
    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        writer = _writer(trainer)
        if writer is None or trainer.state.fn != "fit" or not isinstance(pl_module, SkinLesionTester):
            return
        outputs, names = pl_module.outputs["val"], pl_module.class_names
        predicted = outputs.probabilities.argmax(dim=1)
        figure = confusion_matrix_figure(outputs.labels.numpy(), predicted.numpy(), names, "val")
        writer.add_figure("val/confusion_matrix", figure, trainer.global_step)
        wrong = _most_confident_mistakes(outputs)
        if len(wrong):
            writer.add_figure(
                "val/wrong_images", _mistakes_figure(_data(trainer), outputs, wrong), trainer.global_step
            )


def _most_confident_mistakes(outputs: Outputs) -> torch.Tensor:
    confidence, predicted = outputs.probabilities.max(dim=1)
    wrong = torch.nonzero(predicted != outputs.labels).flatten()
    return wrong[confidence[wrong].argsort(descending=True)][:MISTAKES]


def _mistakes_figure(data: SkinLesionDataModule, outputs: Outputs, wrong: torch.Tensor) -> Figure:
    dataset, names = data.dataset("val"), data.class_names
    confidence, predicted = outputs.probabilities[wrong].max(dim=1)
    return wrong_images_figure(
        [dataset[int(outputs.indices[row])].pixels for row in wrong],
        [names[label] for label in outputs.labels[wrong]],
        [names[label] for label in predicted],
        confidence.tolist(),
    )


def _writer(trainer: Trainer) -> SummaryWriter | None:
    """The event file, on the process that writes it."""
    logger = trainer.logger
    return logger.experiment if isinstance(logger, TensorBoardLogger) and trainer.is_global_zero else None


def _data(trainer: Trainer) -> SkinLesionDataModule:
    data: SkinLesionDataModule = trainer.datamodule  # type: ignore[attr-defined]
    return data
