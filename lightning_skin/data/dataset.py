"""Images of a split as a data set, reproducible image by image."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from lightning_skin.data.augmentation import Augmentation
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.reading import read_image


class Batch(NamedTuple):
    """What a loader yields.

    Attributes:
        images: Network input ``(B, 3, S, S)``.
        labels: Class index ``(B,)``.
        indices: Row of the split's table ``(B,)``.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor


class ImageDataset(Dataset[Batch]):
    """Images read from disk, one key each.

    A key is ``epoch * len(self) + index``. Augmentation is seeded by it, so that an image looks the same
    in that epoch whichever process reads it, and also after the run was resumed.

    Args:
        paths: Image files.
        labels: Class index of each.
        preprocessing: The evaluation transform.
        augmentation: Replaces its resize; ``None`` evaluates.
        seed: Of the augmentation.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        labels: Sequence[int],
        preprocessing: Preprocessing,
        augmentation: Augmentation | None,
        seed: int,
    ) -> None:
        self.paths = list(paths)
        self.labels = list(labels)
        self.preprocessing = preprocessing
        self.augmentation = augmentation
        self.seed = seed

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, key: int) -> Batch:
        index = key % len(self)
        image = read_image(self.paths[index])
        if self.augmentation is None:
            pixels = self.preprocessing(image)
        else:
            with torch.random.fork_rng(devices=()):
                torch.manual_seed(self.seed * 1_000_003 + key)
                square = self.augmentation(image, self.preprocessing.image_size)
            pixels = self.preprocessing.normalise(square)
        return Batch(pixels, torch.tensor(self.labels[index]), torch.tensor(index))


class EpochSampler(Sampler[int]):
    """A new order every epoch, from seed and epoch alone; Lightning calls ``set_epoch``.

    Args:
        size: Number of images.
        seed: Of all orders.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order that the next iteration takes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(self.size, generator=generator)
        return iter((order + self.epoch * self.size).tolist())
