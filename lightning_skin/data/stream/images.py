"""Images from shards: any by its row, or all in the order of the engine."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info
from typing_extensions import override

from lightning_skin.data.dataset import Batch, Example, ImageDataset
from lightning_skin.data.reading import ImageContent
from lightning_skin.data.resize import Pixels
from lightning_skin.data.stream.engine import load_engine
from lightning_skin.data.stream.shards import Shards
from lightning_skin.errors import InputError


class StoredImage(NamedTuple):
    """An image file's bytes, named for messages."""

    name: str
    content: bytes

    def read_bytes(self) -> bytes:
        """All of them."""
        return self.content

    def __str__(self) -> str:
        return self.name


class StreamedImages:
    """Images by row. Each process opens the shards when it first reads one. Picklable.

    Args:
        shards: Of a split.
        decode: From a file's bytes to pixels.
        cache_dir: Takes shards of an object store while they are read; the engine keeps it within three
            quarters of the free space.
    """

    def __init__(self, shards: Shards, decode: Callable[[ImageContent], Pixels], cache_dir: Path) -> None:
        self.shards = shards
        self.decode = decode
        self.cache_dir = cache_dir
        self.positions = shards.rows.argsort()
        self._opened: Any = None

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, row: int) -> Pixels:
        if self._opened is None:
            self._opened = self.open()
        return self.decoded(self._opened[int(self.positions[row])])[1]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def open(self, **settings: Any) -> Any:  # noqa: ANN401 - the engine is untyped
        """Open the shards with settings of the engine.

        Raises:
            InputError: They cannot be reached.
        """
        engine, cache_dir = load_engine(), str(self.cache_dir.absolute())
        try:
            return engine.StreamingDataset(self.shards.address, cache_dir=cache_dir, **settings)
        except Exception as error:  # each store has a library of its own, with errors of its own
            raise InputError(
                f"the shards at {self.shards.address} cannot be opened: {error}; write them to a folder with "
                "mode=prepare data.stream=FOLDER, copy its content there, and check your access"
            ) from error

    def decoded(self, item: tuple[int, memoryview]) -> tuple[int, Pixels]:
        """The row and the pixels of a stored item."""
        position, content = item
        stored = StoredImage(f"image {position} of {self.shards.address}", bytes(content))
        return int(self.shards.rows[position]), self.decode(stored)


class StreamedExamples(IterableDataset[Example]):
    """Training examples, shard by shard, in a new order every epoch; Lightning calls ``set_epoch``.

    An image looks the same in an epoch as it does from its file; the order is another. Worker processes and
    the processes of a distributed run share the images out in whole batches. Of a distributed run's images,
    those that do not fill a batch in every process are left out of the epoch.

    Args:
        dataset: Of a split.
        images: Those of ``dataset``.
        batch_size: Images a batch.
        num_workers: Processes that read images; 0 reads in this one.
    """

    def __init__(
        self, dataset: ImageDataset, images: StreamedImages, batch_size: int, num_workers: int
    ) -> None:
        self.dataset = dataset
        self.images = images
        self.length = self._open().get_len(num_workers, batch_size)
        self.stream = self._open()
        self.stream.set_batch_size(batch_size)
        # Workers live on from epoch to epoch, and have to hear of the next one.
        self.epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
        self.batch_size = batch_size
        self._resumed = (0, 0)

    def _open(self) -> Any:  # noqa: ANN401 - the engine is untyped
        # By default it would only shuffle within 256 neighbours.
        return self.images.open(shuffle=True, seed=self.dataset.seed, item_shuffle_window="full")

    def set_epoch(self, epoch: int) -> None:
        """Choose the order that the next iteration takes."""
        self.epoch.fill_(epoch)

    def resume(self, epoch: int, skipped: int) -> None:
        """Read, but do not decode the first images of an epoch; before the workers start.

        Args:
            epoch: In which a training was interrupted.
            skipped: Images of this process that it was trained on by then, in whole batches.
        """
        self.set_epoch(epoch)
        self._resumed = (epoch, skipped)

    def skipped_batches(self) -> int:
        """How many batches of this epoch hold nothing, and are to be passed over."""
        epoch, skipped = self._resumed
        return skipped // self.batch_size if epoch == int(self.epoch) else 0

    def __len__(self) -> int:
        return self.length

    @override
    def __iter__(self) -> Iterator[Example]:
        epoch = int(self.epoch)
        self.stream.set_epoch(epoch)
        skipped = self._skipped_here()
        size = self.dataset.image_size
        nothing = Example(np.zeros((size, size, 3), np.uint8), 0, 0)
        for position, item in enumerate(self.stream):
            if position < skipped:
                yield nothing
                continue
            row, pixels = self.images.decoded(item)
            yield self.dataset.example(epoch * len(self.dataset) + row, pixels)

    def _skipped_here(self) -> int:
        """Images that this worker passes over: workers make the batches in turn."""
        worker = get_worker_info()
        number, workers = (0, 1) if worker is None else (worker.id, worker.num_workers)
        return len(range(number, self.skipped_batches(), workers)) * self.batch_size


class StreamLoader:
    """Batches of streamed examples.

    Args:
        loader: Makes the batches.
        examples: Those of ``loader``.

    Attributes:
        sampler: What Lightning tells the epoch to.
    """

    def __init__(self, loader: DataLoader[Batch], examples: StreamedExamples) -> None:
        self.loader = loader
        self.sampler = examples

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Batch]:
        return islice(self.loader, self.sampler.skipped_batches(), None)
