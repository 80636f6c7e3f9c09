"""Images of a split as a data set, reproducible image by image."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, DistributedSampler, default_collate
from typing_extensions import override

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


class MetadataBatch(NamedTuple):
    """A batch on the device, for networks that take metadata, which no worker carries.

    Attributes:
        images: Network input ``(B, 3, S, S)``.
        labels: Class index ``(B,)``.
        indices: Row of the split's table ``(B,)``.
        metadata: Encoded ``(B, M)``.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    metadata: Tensor


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


class EpochSampler(DistributedSampler[int]):
    """Keys of an epoch in an order from seed and epoch alone; Lightning calls ``set_epoch``.

    The processes of a distributed run take turns, so that their batches, taken together, are those of one
    process with larger batches.

    Args:
        size: Number of images.
        seed: Of all orders.
        draw: Chooses the images of an epoch.
        processes: Of the distributed run.
        process: Which one of them this is, from 0.
        drop_last: Leave out the images that do not come out even; otherwise the first ones are repeated.
    """

    def __init__(
        self,
        size: int,
        seed: int,
        draw: Draw,
        processes: int = 1,
        process: int = 0,
        drop_last: bool = False,
    ) -> None:
        super().__init__(range(size), processes, process, seed=seed, drop_last=drop_last)  # type: ignore[arg-type]
        self.size = size
        self.draw = draw
        self._resumed = (0, 0)

    def resume(self, epoch: int, skipped: int) -> None:
        """Leave out the first images of the next iteration, if it is that of ``epoch``.

        Args:
            epoch: In which a training was interrupted.
            skipped: Images of this process that it was trained on by then.
        """
        self.set_epoch(epoch)
        self._resumed = (epoch, skipped)

    @override
    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        keys = keys_of(self.draw(generator), self.size, self.epoch)
        shared = keys.repeat(math.ceil(self.total_size / self.size))[: self.total_size]
        epoch, skipped = self._resumed
        own = shared[self.rank :: self.num_replicas]
        return iter(own[skipped if epoch == self.epoch else 0 :].tolist())
