"""Features of a frozen backbone in place of images: computed once, trained on in every epoch."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from lightning_skin.atomic import atomic_path
from lightning_skin.data.builder_lock import only_builder
from lightning_skin.data.dataset import Batch
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

Features = npt.NDArray[np.float32]
"""Of the images of a split, in the order of its table ``(N, D)``."""

FOLDER = "features"


class FeatureDataset(Dataset[Batch]):
    """Labelled features, with the keys of ``ImageDataset``.

    In epoch e an image is represented by its view e modulo the number of views: with as many views as epochs,
    training sees exactly what it would see without a cache.

    Args:
        views: Features of each view.
        labels: Class index of each image ``(N,)``.
    """

    def __init__(self, views: Sequence[Features], labels: Sequence[int]) -> None:
        self.views = views
        self.labels = np.array(labels, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, keys: Sequence[int]) -> Batch:
        """A whole batch, as PyTorch asks for it."""
        numbers, rows = np.divmod(np.asarray(keys), len(self))
        numbers %= len(self.views)
        # From a file, rows are read view by view.
        features = np.empty((len(rows), self.views[0].shape[1]), np.float32)
        for number in np.unique(numbers):
            of_view = numbers == number
            features[of_view] = self.views[number][rows[of_view]]
        return Batch(torch.from_numpy(features), torch.from_numpy(self.labels[rows]), torch.from_numpy(rows))


def whole_batch(batch: Batch) -> Batch:
    """What is left to collate of a batch that was read as one: nothing."""
    return batch


def fingerprint(parts: Mapping[str, object]) -> str:
    """A name for features that are decided by these parts."""
    return hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:32]


def cached_features(
    folder: Path, name: str, count: int, compute: Callable[[], Iterable[Features]]
) -> Features:
    """Open a file of features, and compute it first where there is none.

    Processes that want the same file at once wait for the one that computes it.

    Args:
        folder: Of all caches.
        name: Of the file, a hash of all that decides the features.
        count: Number of images.
        compute: Yields the features of all images in order, batch by batch.

    Raises:
        InputError: The file cannot be written.
    """
    path = folder / FOLDER / f"{name}.npy"
    try:
        if (known := _opened(path, count)) is not None:
            return known
        with only_builder(path.parent, "features"):
            if (known := _opened(path, count)) is not None:  # by the process that was waited for
                return known
            features = np.concatenate(list(compute()))
            with atomic_path(path) as partial, partial.open("wb") as file:
                np.save(file, features)
            return features
    except OSError as error:
        raise InputError(
            f"the features cannot be kept in {path.parent}: {error.strerror or error}; make room, name "
            "another folder with data.cache_dir=FOLDER, or do without, model.transfer.cached_views=null"
        ) from None


def _opened(path: Path, count: int) -> Features | None:
    try:
        features = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        return None
    except (ValueError, EOFError) as error:
        logger.warning("The features in %s are computed anew: %s", path, error)
        return None
    return features if features.ndim == 2 and len(features) == count else None
