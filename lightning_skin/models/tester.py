"""The evaluating half of the LightningModule: what a network says of every image, and how good that is."""

from collections.abc import Sequence
from functools import partial

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from typing_extensions import override

from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.models.collector import OutputCollector, Outputs, Said
from lightning_skin.models.test_time import VIEWS, plain_and_averaged

Batch = tuple[Tensor, Tensor, Tensor] | tuple[Tensor, Tensor, Tensor, Tensor]
"""Images ``(B, 3, S, S)``, labels ``(B,)``, rows of its split ``(B,)``; metadata ``(B, M)``, if any."""

CURVES = ("accuracy", "auroc", "f1_macro", "ece")
"""Metrics worth a curve, beside balanced accuracy, loss and recalls; the rest is in metrics.json."""


class SkinLesionTester(LightningModule):
    """Validates and tests a network.

    After a validation or test epoch, ``outputs`` holds what the network said of every image, and with
    test-time augmentation also ``test_tta``, its probabilities averaged over views of the test images.

    Args:
        network: Maps images to logits ``(B, C)``.
        class_names: Order of the logits.
        tta: Test-time augmentation: ``none``, ``flips`` or ``dihedral``.
    """

    def __init__(self, network: nn.Module, class_names: Sequence[str], tta: str = "none") -> None:
        super().__init__()
        # Convolutions run up to twice as fast with channels last, on CPUs and GPUs alike.
        self.network = network.to(memory_format=torch.channels_last)
        self.class_names = tuple(class_names)
        # Sub-modules by name, so that they follow the module to its device.
        self.val_outputs, self.test_outputs = OutputCollector(), OutputCollector()
        self.test_tta_outputs = OutputCollector()
        self.collectors = {
            "val": self.val_outputs,
            "test": self.test_outputs,
            "test_tta": self.test_tta_outputs,
        }
        self.tta = tta
        self.outputs: dict[str, Outputs] = {}

    @override
    def forward(self, images: Tensor, metadata: Tensor | None = None) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        return self.network(images) if metadata is None else self.network(images, metadata)

    @override
    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels, indices, metadata = unpacked(batch)
        self.val_outputs.update(indices, labels, Said.of_logits(self(images, metadata)))

    @override
    def test_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels, indices, metadata = unpacked(batch)
        # The views are of the images; metadata look the same from all sides.
        network = partial(self, metadata=metadata)
        plain, averaged = plain_and_averaged(network, images, VIEWS[self.tta])
        self.test_outputs.update(indices, labels, plain)
        if self.tta != "none":
            self.test_tta_outputs.update(indices, labels, averaged)

    @override
    def on_validation_epoch_end(self) -> None:
        self._log_metrics("val")

    @override
    def on_test_epoch_end(self) -> None:
        self._log_metrics("test")
        if self.tta != "none":
            self._log_metrics("test_tta")

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


def unpacked(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Images, labels, rows and metadata of a batch, which may lack the last."""
    images, labels, indices, *metadata = batch
    return images, labels, indices, metadata[0] if metadata else None
