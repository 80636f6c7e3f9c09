"""The training half of the LightningModule: loss, optimisation, and what its checkpoints say of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from lightning.pytorch import Callback
from lightning.pytorch.plugins.precision import MixedPrecision, Precision
from lightning.pytorch.utilities.enums import GradClipAlgorithmType
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor
from torch.optim import Optimizer
from typing_extensions import override

from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, Facts
from lightning_skin.models.compilation import compile_in_place
from lightning_skin.models.losses import ClassificationLoss
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network
from lightning_skin.models.network_input import made_for
from lightning_skin.models.parameters import BuildOptimizer, build_scaled
from lightning_skin.models.schedules import Schedule
from lightning_skin.models.tester import Batch, SkinLesionTester, unpacked
from lightning_skin.models.transfer import Transfer
from lightning_skin.models.weights import load_weights


class SkinLesionClassifier(SkinLesionTester):
    """Trains a network, and evaluates it as its parent does.

    Args:
        network: Maps images to logits ``(B, C)``.
        facts: What a checkpoint must say to be used on its own.
        loss: Of logits and labels.
        build_optimizer: From parameter groups.
        build_schedule: From the optimizer and the number of steps.
        seed: Of dropout; each batch starts anew from it, so that a resumed run repeats an undisturbed one.
        transfer: What of the network is trained, when, and how fast.
    """

    network: LesionNetwork

    def __init__(
        self,
        network: LesionNetwork,
        facts: Facts,
        loss: ClassificationLoss,
        build_optimizer: BuildOptimizer,
        build_schedule: Schedule,
        seed: int,
        transfer: Transfer,
    ) -> None:
        super().__init__(network, facts.class_names)
        self.facts = facts
        self.loss = loss
        self.build_optimizer = build_optimizer
        self.build_schedule = build_schedule
        self.seed = seed
        self.transfer = transfer
        # Before anything is frozen for a while.
        self.lr_factors = transfer.factors(network)
        self.unfreezing = [] if transfer.unfreezing is None else [transfer.unfreezing(network)]

    @override
    def configure_callbacks(self) -> list[Callback]:
        return self.unfreezing

    @override
    def forward(self, images: Tensor, metadata: Tensor | None = None) -> Tensor:
        # Where the backbone is frozen, its features (B, D) may have been computed before.
        return (
            self.network.classify(images, metadata) if images.ndim == 2 else super().forward(images, metadata)
        )

    @override
    def on_train_start(self) -> None:
        # An epoch that is resumed midway does not start.
        self.on_train_epoch_start()

    @override
    def on_train_epoch_start(self) -> None:
        self.loss.start_epoch(self.current_epoch, self.trainer.max_epochs or -1)

    @override
    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        entropy = (self.seed, self.trainer.fit_loop.total_batch_idx, self.global_rank)
        seed = int(np.random.SeedSequence(entropy).generate_state(1)[0])
        # Not torch.manual_seed, which takes half a millisecond where CUDA was not used yet.
        torch.default_generator.manual_seed(seed)
        if self.device.type != "cpu":
            torch.get_device_module(self.device).manual_seed(seed)

    @override
    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        images, labels, _, metadata = unpacked(batch)
        logits = self(images, metadata)
        loss: Tensor = self.loss(logits, labels)
        # Of mixed images, the class that they show most of.
        classes = labels.argmax(dim=1) if labels.is_floating_point() else labels
        accuracy = (logits.argmax(dim=1) == classes).float().mean()
        self.log("train/loss_step", loss, prog_bar=True)
        epoch = {"train/loss": loss.detach(), "train/accuracy": accuracy}
        self.log_dict(epoch, on_step=False, on_epoch=True, batch_size=len(labels), sync_dist=True)
        return loss

    @override
    def configure_optimizers(self) -> OptimizerLRScheduler:
        optimizer = build_scaled(self.build_optimizer, self.lr_factors)
        schedule = self.build_schedule(optimizer, self.trainer.estimated_stepping_batches)
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    @override
    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        plugin = self.trainer.precision_plugin
        fused = getattr(optimizer, "_step_supports_amp_scaling", False)
        if not (gradient_clip_val and fused and isinstance(plugin, MixedPrecision)):
            super().configure_gradient_clipping(optimizer, gradient_clip_val, gradient_clip_algorithm)
            return
        if plugin.scaler is not None:
            raise InputError(
                "trainer.precision is 16-mixed, which cannot clip the gradients of a fused optimizer; "
                "set model.optimizer.fused=false or trainer.gradient_clip_val=null"
            )
        # Lightning refuses fused optimizers here too, for fear of scaled gradients, which bf16 does not have.
        algorithm = GradClipAlgorithmType(gradient_clip_algorithm or "norm")
        Precision.clip_gradients(plugin, optimizer, gradient_clip_val, algorithm)

    @override
    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[CHECKPOINT_KEY] = self.facts.to_dict()


def build_classifier(
    library: str,
    name: str,
    weights: str | None,
    dropout: float,
    hidden: int | None,
    stem: str,
    train_from: str | None,
    compile: bool,
    metadata: Sequence[str] | None,
    metadata_dropout: float,
    transfer: Transfer,
    optimizer: BuildOptimizer,
    scheduler: Schedule,
    loss: Callable[..., ClassificationLoss],
    class_names: Sequence[str],
    class_counts: Sequence[int],
    preprocessing: Mapping[str, Any],
    manifest_hash: str,
    describe_metadata: Callable[[Sequence[str]], tuple[Mapping[str, Any], tuple[int, ...]]],
    seed: int,
    malignant: Sequence[str] = (),
) -> SkinLesionClassifier:
    """Build a classifier for the classes of a data set, ready to train.

    Args:
        library: ``torchvision`` or ``timm``.
        name: Of the network in that library.
        weights: Of the backbone, by name or file; ``None`` starts from random ones.
        dropout: In the head, in [0, 1).
        hidden: Width of a hidden layer in the head; ``None`` for none.
        stem: ``standard``, or ``small`` for a ResNet on small images.
        train_from: First part that is trained; ``None`` trains all.
        compile: Whether ``torch.compile`` speeds it up.
        metadata: Names of features beside the image; ``None`` for none.
        metadata_dropout: Share of them that is taken for missing in training, in [0, 1).
        transfer: What of it is trained when, and how fast.
        optimizer: From parameter groups.
        scheduler: From the optimizer and the number of steps.
        loss: From ``class_names`` and ``class_counts``.
        class_names: Order of the logits.
        class_counts: Training images of each class.
        preprocessing: The evaluation transform, described in plain Python.
        manifest_hash: Names the data of the run.
        describe_metadata: From names of features to their encoding and the numbers in the block of each.
        seed: Of dropout.
        malignant: Classes that count as malignant; none where that is not known.

    Raises:
        InputError: There is no such network, it cannot take images of that size, or its weights cannot be
            had.
    """
    encoding, widths = describe_metadata(metadata) if metadata else (None, ())
    described = NetworkSpec(library, name, dropout, hidden, stem)
    if metadata:
        described = replace(described, metadata=widths, metadata_dropout=metadata_dropout)
    spec = made_for(described, int(preprocessing["image_size"]))
    facts = Facts(spec, tuple(class_names), dict(preprocessing), manifest_hash, encoding, tuple(malignant))
    network = build_network(facts.network, len(class_names))
    if weights is not None:
        load_weights(network, facts.network, weights)
    network.train_from(train_from)
    if compile:
        compile_in_place(network)
    criterion = loss(class_names=class_names, class_counts=class_counts)
    return SkinLesionClassifier(network, facts, criterion, optimizer, scheduler, seed, transfer)
