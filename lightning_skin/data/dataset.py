"""Images of a split as a data set, reproducible image by image."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler, default_collate

from lightning_skin.data.augmentation import Augmentation
from lightning_skin.data.resize import Pixels
from lightning_skin.data.sampling import Draw, keys_of


class Batch(NamedTuple):
    """What a loader yields.

    Attributes:
        images: 8-bit RGB ``(B, 3, S, S)``, channels last in memory; normalised on the device.
        labels: Class index ``(B,)``; where images were mixed, probabilities ``(B, C)``.
        indices: Row of the split's table ``(B,)``.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor


class Example(NamedTuple):
    """One image of a batch: 8-bit RGB ``(S, S, 3)``, class index, row of the split's table."""

    pixels: Pixels
    label: int
    row: int


class Images(Protocol):
    """RGB images ``(H, W, 3)`` by row."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int) -> Pixels: ...


class ImageFiles:
    """Images decoded from their files.

    Args:
        root: Folder of the files.
        paths: Relative to it.
        decode: From a file to pixels.
    """

    def __init__(self, root: Path, paths: Sequence[str], decode: Callable[[Path], Pixels]) -> None:
        self.root = root
        # Reading a list of strings counts references, which copies its pages into every worker process.
        self.paths = np.array(paths, dtype=str)
        self.decode = decode

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> Pixels:
        return self.decode(self.root / str(self.paths[row]))


class ImageDataset(Dataset[Example]):
    """Labelled images, one key each.

    A key is a row plus a multiple of ``len(self)``, another one in each epoch. Augmentation draws from a
    stream of its own for each key, so that an image looks the same in that epoch whichever process reads it,
    and also after the run was resumed.

    Args:
        images: With an augmentation, whole frames; without, what the network sees.
        labels: Class index of each.
        augmentation: From frames to squares; ``None`` evaluates.
        image_size: Side of the squares, in pixels.
        seed: Of the augmentation.
    """

    def __init__(
        self,
        images: Images,
        labels: Sequence[int],
        augmentation: Augmentation | None,
        image_size: int,
        seed: int,
    ) -> None:
        self.images = images
        self.labels = np.array(labels, dtype=np.int64)
        self.augmentation = augmentation
        self.image_size = image_size
        self.seed = seed

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, key: int) -> Example:
        return self.example(key, self.images[key % len(self)])

    def example(self, key: int, pixels: Pixels) -> Example:
        """The example of a key, whose image was read elsewhere."""
        if self.augmentation is not None:
            # Ten times as fast as forking torch's generator.
            generator = np.random.Generator(np.random.Philox(key=(self.seed, key)))
            pixels = self.augmentation(pixels, self.image_size, generator)
        row = key % len(self)
        return Example(pixels, int(self.labels[row]), row)


def collate(examples: Sequence[Example]) -> Batch:
    """Stack examples to a batch."""
    images, labels, indices = default_collate([(torch.from_numpy(one.pixels), *one[1:]) for one in examples])
    return Batch(images.permute(0, 3, 1, 2), labels, indices)


class EpochSampler(Sampler[int]):
    """A new order every epoch, from seed and epoch alone; Lightning calls ``set_epoch``.

    Args:
        size: Number of images.
        seed: Of all orders.
        draw: Chooses the images of an epoch.
    """

    def __init__(self, size: int, seed: int, draw: Draw) -> None:
        self.size = size
        self.seed = seed
        self.draw = draw
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order that the next iteration takes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        return iter(keys_of(self.draw(generator), self.size, self.epoch).tolist())
