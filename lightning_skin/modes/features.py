"""Training a head on features that its frozen backbone computes once."""

import hashlib
import logging
import pickle
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
import torch
from lightning.pytorch import Trainer
from torch import nn
from torch.utils.data import DataLoader

from lightning_skin.data.augmentation import Augmentation
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import Batch
from lightning_skin.data.features import Features, cached_features, fingerprint
from lightning_skin.models.classifier import SkinLesionClassifier
from lightning_skin.progress import track

logger = logging.getLogger(__name__)

FORMAT = 1
RELEASES = ("torch", "torchvision", "timm", "opencv-python-headless", "pillow")
"""Of which another release may round another way."""


def with_cached_features(
    data: SkinLesionDataModule, classifier: SkinLesionClassifier, trainer: Trainer, views: int
) -> SkinLesionDataModule:
    """The data with features in place of training and validation images.

    They are computed by the device and in the precision of the training, and kept in ``data.cache_dir`` under
    a name that is a hash of images, weights, preprocessing, augmentation and seed.

    Args:
        data: The images.
        classifier: Of a frozen backbone.
        trainer: That will train it.
        views: Of each training image: 1 for the image as it is evaluated, more for augmented ones.

    Raises:
        InputError: An image cannot be read, or the features cannot be written.
    """
    backbone = classifier.network.backbone
    shared = {
        "format": FORMAT,
        "releases": [version(name) for name in RELEASES],
        "manifest": data.manifest.hash,
        "preprocessing": data.preprocessing.to_dict(),
        "decoding": [data.cache, data.stream is None],
        "network": classifier.facts.network.to_dict(),
        "weights": _hash_of(backbone),
        "precision": trainer.precision,
        "device": trainer.strategy.root_device.type,
    }

    def view(split: str, augmentation: Augmentation | None, epoch: int) -> Features:
        drawn = None if augmentation is None else [pickle.dumps(augmentation), data.seed, epoch]
        count = len(data.manifest.rows(split))
        title = f"Features of {count} {split} images" + ("" if drawn is None else f", view {epoch + 1}")

        def compute() -> Iterator[Features]:
            return _computed(backbone, data.view(split, augmentation, epoch), data, trainer, title)

        name = fingerprint({**shared, "split": split, "augmentation": drawn})
        return cached_features(data.cache_dir, name, count, compute)

    augmentation = None if views == 1 else data.augmentation
    train = [view("train", augmentation, epoch) for epoch in range(views)]
    return data.with_features({"train": train, "val": [view("val", None, 0)]})


def _hash_of(backbone: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, value in backbone.state_dict().items():
        digest.update(name.encode())
        digest.update(value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


@torch.no_grad()
def _computed(
    backbone: nn.Module,
    loader: DataLoader[Batch],
    data: SkinLesionDataModule,
    trainer: Trainer,
    title: str,
) -> Iterator[Features]:
    logger.info("%s are computed once, into %s", title, data.cache_dir)
    precision, device = trainer.precision_plugin, trainer.strategy.root_device
    precision.convert_module(backbone).to(device).eval()
    for batch in track(loader, title, total=len(loader)):
        images = precision.convert_input(data.preprocessing.normalise(batch.images.to(device)))
        with precision.forward_context():
            features = backbone(images)
        yield features.float().cpu().numpy().astype(np.float32, copy=False)
