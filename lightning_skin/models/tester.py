"""The evaluating half of the LightningModule: what a network says of every image, and how good that is."""

from collections.abc import Sequence

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from typing_extensions import override

from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.models.collector import OutputCollector, Outputs

Batch = tuple[Tensor, Tensor, Tensor]
"""Images ``(B, 3, S, S)``, labels ``(B,)``, rows of the split's table ``(B,)``."""

CURVES = ("accuracy", "auroc", "f1_macro", "ece")
"""Metrics worth a curve, beside balanced accuracy, loss and recalls; the rest is in metrics.json."""


class SkinLesionTester(LightningModule):
    """Validates and tests a network.

    After a validation or test epoch, ``outputs`` holds what the network said of every image.

    Args:
        network: Maps images to logits ``(B, C)``.
        class_names: Order of the logits.
    """

    def __init__(self, network: nn.Module, class_names: Sequence[str]) -> None:
        super().__init__()
        # Convolutions run up to twice as fast with channels last, on CPUs and GPUs alike.
        self.network = network.to(memory_format=torch.channels_last)
        self.class_names = tuple(class_names)
        # Sub-modules by name, so that they follow the module to its device.
        self.val_outputs, self.test_outputs = OutputCollector(), OutputCollector()
        self.collectors = {"val": self.val_outputs, "test": self.test_outputs}
        self.outputs: dict[str, Outputs] = {}

    @override
    def forward(self, images: Tensor) -> Tensor:
        return self.network(images.contiguous(memory_format=torch.channels_last))

    @override
    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self._collect("val", batch)

    @override
    def test_step(self, batch: Batch, batch_idx: int) -> None:
        self._collect("test", batch)

    @override
    def on_validation_epoch_end(self) -> None:
        self._log_metrics("val")

    @override
    def on_test_epoch_end(self) -> None:
        self._log_metrics("test")

    def _collect(self, stage: str, batch: Batch) -> None:
        images, labels, indices = batch
        self.collectors[stage].update(indices, labels, self(images))

    def _log_metrics(self, stage: str) -> None:
        collector = self.collectors[stage]
        outputs = self.outputs[stage] = collector.gather()
        collector.reset()
        metrics = classification_metrics(
            outputs.labels.numpy(), outputs.probabilities.numpy(), self.class_names
        )
        self.log(f"{stage}/balanced_accuracy", metrics["balanced_accuracy"], prog_bar=True)
        self.log(f"{stage}/loss", metrics["nll"])
        self.log_dict({f"{stage}/{name}": metrics[name] for name in CURVES})
        self.log_dict({f"{stage}/recall_{name}": metrics[f"recall_{name}"] for name in self.class_names})
