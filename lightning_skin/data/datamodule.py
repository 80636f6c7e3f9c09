"""From a source of images to batches."""

import copy
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

import torch
from lightning.pytorch import LightningDataModule
from lightning.pytorch.trainer.states import RunningStage
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from typing_extensions import override

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import Augmentation, Mixing
from lightning_skin.data.augmentation.mixing import batch_seed
from lightning_skin.data.build import build_manifest
from lightning_skin.data.cache.build import Content, cached
from lightning_skin.data.cache.codec import JPEG, RAW
from lightning_skin.data.dataset import (
    Batch,
    EpochSampler,
    Example,
    ImageDataset,
    ImageFiles,
    Images,
    MetadataBatch,
    collate,
)
from lightning_skin.data.features import FeatureDataset, Features, whole_batch
from lightning_skin.data.folders import require_folder
from lightning_skin.data.labels import relabelled
from lightning_skin.data.malignant import choose_malignant
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.metadata_encoding import MetadataEncoding
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.sampling import draw_of
from lightning_skin.data.sources import Source
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.data.stream.engine import load_engine
from lightning_skin.data.stream.images import StreamedExamples, StreamedImages, StreamLoader
from lightning_skin.data.stream.shards import away_from, find_shards, is_remote
from lightning_skin.data.worker import outlive_signals
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

MAX_WORKERS = 8
SPLIT_OF_STAGE: Mapping[RunningStage | None, str] = {
    RunningStage.TRAINING: "train",
    RunningStage.SANITY_CHECKING: "val",
    RunningStage.VALIDATING: "val",
    RunningStage.TESTING: "test",
}


class SkinLesionDataModule(LightningDataModule):
    """Skin-lesion images, split by lesion or patient.

    Args:
        source: Lists the images; ``None`` where ``use`` will bring a manifest.
        split: How to split.
        seed: Of order and augmentation.
        labels: New names for labels, ``None`` to drop the images; ``None`` for the whole keeps all.
        audit: What to look for in the images, and what to do about it.
        image_size: Side of the network's input, in pixels; ``None`` where ``preprocessing`` will be replaced.
        colour_constancy: ``none`` or ``shades_of_grey``.
        border_crop: ``none``, ``frame`` or ``corners``.
        augmentation: Of training images; ``None`` for none.
        mixing: Of training batches; ``None`` for none.
        sampler: Which training images an epoch takes: ``shuffle``, ``balanced`` or ``square_root``.
        batch_size: Images a batch.
        num_workers: Processes that read images; ``None`` takes one per core, at most 8.
        cache: Where decoded images are kept: ``none``, ``memmap``, or ``jpeg``, which stores the frames of
            training images with small losses. What is evaluated is never changed by it.
        cache_dir: Folder of all caches.
        stream: Folder of shards that images are read from, or an address in an object store; ``None`` reads
            their files.
        malignant: Classes that count as malignant; ``None`` takes what the data set or checkpoint says.

    Raises:
        InputError: ``labels`` without a ``source``; ``stream`` with a ``cache`` or a ``sampler``, or without
            its engine; ``stream`` or ``cache_dir`` is a file.
    """

    def __init__(
        self,
        source: Callable[[], Source] | None,
        split: SplitSettings,
        seed: int,
        labels: Mapping[str, str | None] | None,
        audit: AuditSettings,
        image_size: int | None,
        colour_constancy: str,
        border_crop: str,
        augmentation: Augmentation | None,
        mixing: Mixing | None,
        sampler: str,
        batch_size: int,
        num_workers: int | None,
        cache: str,
        cache_dir: str,
        stream: str | None,
        malignant: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        if source is None and labels is not None:
            raise InputError(
                "data.labels renames nothing here; name the data with data=folder data.root=FOLDER"
            )
        if stream is not None:
            if cache != "none":
                raise InputError(
                    f"data.cache={cache} keeps all images on this disk, and data.stream is for those that "
                    "outgrow it; leave one of them out"
                )
            if sampler != "shuffle":
                raise InputError(
                    f"data.sampler={sampler} draws single images, and data.stream reads them in the order of "
                    "its files; leave one of them out, or weigh the classes with model.loss.class_weights"
                )
            if not is_remote(stream):
                require_folder(Path(stream).expanduser(), "data.stream")
            load_engine()
            source = source and partial(away_from, stream, source)
        self.source = source if source is None or labels is None else partial(relabelled, source, labels)
        self.named_malignant = malignant
        self._malignant: tuple[str, ...] = ()
        self.split = split
        self.seed = seed
        self.audit = audit
        own = Preprocessing(colour_constancy=colour_constancy, border_crop=border_crop)
        self.preprocessing = own if image_size is None else replace(own, image_size=image_size)
        self.augmentation = augmentation
        self.mixing = mixing
        self._mixing_seed: int | None = None
        self.sampler = sampler
        self.batch_size = batch_size
        self.num_workers = min(os.cpu_count() or 1, MAX_WORKERS) if num_workers is None else num_workers
        self.cache = cache
        self.cache_dir = Path(cache_dir).expanduser()
        require_folder(self.cache_dir, "data.cache_dir")
        self.stream = stream
        self._manifest: Manifest | None = None
        self._class_names: tuple[str, ...] | None = None
        self._encoding: MetadataEncoding | None = None
        self._encoded: dict[str, Tensor] = {}
        self._resumed = {"epoch": 0, "images": 0}
        self._features: dict[str, Sequence[Features]] = {}

    @property
    def manifest(self) -> Manifest:
        """The images and their split; the first call reads every file.

        Raises:
            InputError: The data cannot be used; the message says why.
        """
        if self._manifest is None:
            if self.source is None:
                raise InputError("there is no data; name it with data=folder data.root=FOLDER")
            source = self.source()
            labels = sorted(set(source.table["label"]))
            self._malignant = choose_malignant(self.named_malignant, source.malignant, labels)
            self._manifest, _ = build_manifest(source, self.split, self.audit)
        return self._manifest

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in the order of the network's outputs: sorted, unless ``use`` said otherwise."""
        return self.manifest.class_names if self._class_names is None else self._class_names

    @property
    def malignant(self) -> tuple[str, ...]:
        """The classes that count as malignant, in their order; none where nobody says which.

        Raises:
            InputError: The data cannot be used, or ``data.malignant`` does not fit them.
        """
        class_names = self.class_names  # reads the data, which says what is malignant
        return choose_malignant(None, self._malignant, class_names)

    def use(
        self,
        manifest: Manifest,
        preprocessing: Preprocessing,
        class_names: Sequence[str],
        malignant: Sequence[str] = (),
    ) -> None:
        """Take images, evaluation transform, class order and malignant classes from elsewhere, as a checkpoint.

        Raises:
            InputError: The images have a class that is not among ``class_names``, or ``data.malignant`` does.
        """
        if unknown := sorted(set(manifest.class_names) - set(class_names)):
            raise InputError(
                f"{manifest.root} holds the class(es) {', '.join(unknown)}, "
                f"expected those of the checkpoint: {', '.join(class_names)}; "
                f"rename or drop them with data.labels={{{unknown[0]}: NAME}}"
            )
        self._malignant = choose_malignant(self.named_malignant, malignant, class_names)
        self._manifest = manifest
        self._class_names = tuple(class_names)
        self.preprocessing = preprocessing

    def describe_metadata(self, features: Sequence[str]) -> tuple[dict[str, Any], tuple[int, ...]]:
        """How the training images suggest to encode metadata, in plain Python, and the widths of its blocks.

        Raises:
            InputError: Nothing is known of a feature, or images are to be mixed.
        """
        if self.mixing is not None:
            raise InputError(
                "data.mixing blends images of several patients, who have no common model.metadata; "
                "leave one of them out"
            )
        encoding = MetadataEncoding.of_training(self.manifest.rows("train"), features)
        return encoding.to_dict(), encoding.widths

    def use_metadata(self, encoding: Mapping[str, Any] | None) -> None:
        """Put metadata into batches, encoded as described; ``None`` leaves them out.

        Raises:
            InputError: ``encoding`` is no description of ``describe_metadata``.
        """
        self._encoding = None if encoding is None else MetadataEncoding.from_dict(encoding)
        self._encoded = {}

    def class_counts(self) -> list[int]:
        """Training images of each class, in the order of ``class_names``."""
        counts = Counter(self.manifest.rows("train")["label"])
        return [counts[name] for name in self.class_names]

    def dataset(self, split: str, augmentation: Augmentation | None = None) -> ImageDataset:
        """The images of a split, in the order of ``manifest.rows(split)``.

        Raises:
            InputError: The images have to be cached or written to shards, and cannot be.
        """
        images, labels = self._images(split, whole=augmentation is not None), self._labels(split)
        return ImageDataset(images, labels, augmentation, self.preprocessing.image_size, self.seed)

    def view(self, split: str, augmentation: Augmentation | None, epoch: int) -> DataLoader[Batch]:
        """The images of a split in the order of its table, as they are augmented in an epoch (from 0)."""
        dataset = self.dataset(split, augmentation)
        return self._loader(dataset, range(epoch * len(dataset), (epoch + 1) * len(dataset)))

    def with_features(self, features: Mapping[str, Sequence[Features]]) -> Self:
        """The same data, whose loaders yield features in place of images.

        Args:
            features: Of the views of each split that has them.
        """
        other = copy.copy(self)
        other._features = dict(features)
        return other

    def _labels(self, split: str) -> list[int]:
        index = {name: position for position, name in enumerate(self.class_names)}
        return [index[label] for label in self.manifest.rows(split)["label"]]

    def _served(self, split: str, augmentation: Augmentation | None = None) -> ImageDataset | FeatureDataset:
        if split in self._features:
            return FeatureDataset(self._features[split], self._labels(split))
        return self.dataset(split, augmentation)

    def _images(self, split: str, whole: bool) -> Images:
        """Whole frames, or the squares that the network sees."""
        rows, preprocessing = self.manifest.rows(split), self.preprocessing
        paths = rows["path"].tolist()
        as_they_are = preprocessing.frame if whole else preprocessing.square
        if self.stream is not None and paths:
            return StreamedImages(find_shards(self.stream, self.manifest, split), as_they_are, self.cache_dir)
        if self.cache == "none":
            return ImageFiles(self.manifest.root, paths, as_they_are)
        decode = preprocessing.working_frame if whole else preprocessing.square
        content = Content(
            ImageFiles(self.manifest.root, paths, decode),
            rows["content_hash"].tolist(),
            f"{decode.__name__} {preprocessing.pixels}",
        )
        return cached(content, JPEG if whole and self.cache == "jpeg" else RAW, self.cache_dir)

    @override
    def on_before_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Look at the rows here: read back from a device, they would make the host wait for it."""
        self._mixing_seed = None
        if self.mixing is not None and self.trainer is not None and self.trainer.training:
            self._mixing_seed = batch_seed(self.seed, self.trainer.current_epoch, batch.indices)
        return batch

    @override
    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch | MetadataBatch:
        """Normalise here: workers hand over a quarter of the bytes, and the device has time."""
        images = batch.images if batch.images.ndim == 2 else self.preprocessing.normalise(batch.images)
        labels = batch.labels
        if self.mixing is not None and self._mixing_seed is not None:
            images, labels = self.mixing(images, labels, len(self.class_names), self._mixing_seed)
        if self.trainer is None:
            return batch._replace(images=images, labels=labels)
        # Lightning converts what a loader yields, which was not yet a number of the network's precision.
        convert = self.trainer.precision_plugin.convert_input
        batch = batch._replace(images=convert(images), labels=labels)
        if self._encoding is None:
            return batch
        split = SPLIT_OF_STAGE[self.trainer.state.stage]
        if split not in self._encoded:
            self._encoded[split] = torch.from_numpy(self._encoding.encode(self.manifest.rows(split)))
        table = self._encoded[split] = self._encoded[split].to(batch.indices.device)
        return MetadataBatch(*batch, convert(table[batch.indices]))

    @override
    def train_dataloader(self) -> DataLoader[Batch] | StreamLoader:
        dataset = self._served("train", self.augmentation)
        processes, process = self._processes()
        # Batch norm cannot take a last batch of one image.
        drop_last = len(dataset) >= self.batch_size * processes
        if not drop_last:
            logger.warning(
                "There are %d training images, fewer than a batch of %d: each epoch is a single step",
                len(dataset),
                self.batch_size * processes,
            )
        skipped = self._resumed["images"] // processes
        if isinstance(dataset, ImageDataset) and isinstance(dataset.images, StreamedImages):
            examples = StreamedExamples(dataset, dataset.images, self.batch_size, self.num_workers)
            examples.resume(self._resumed["epoch"], skipped)
            return StreamLoader(self._loader(examples, drop_last=drop_last), examples)
        draw = draw_of(self.sampler, dataset.labels)
        sampler = EpochSampler(len(dataset), self.seed, draw, processes, process, drop_last)
        # Before the first iteration starts its workers, which is before Lightning tells the epoch.
        sampler.resume(self._resumed["epoch"], skipped)
        return self._loader(dataset, sampler, drop_last)

    def _processes(self) -> tuple[int, int]:
        """Number of processes that train together, and which one of them this is."""
        return (1, 0) if self.trainer is None else (self.trainer.world_size, self.trainer.global_rank)

    @override
    def state_dict(self) -> dict[str, int]:
        """Where a training stands: complete epochs, and images that it saw of the next one."""
        if self.trainer is None:
            return {}
        loop = self.trainer.fit_loop
        epochs = loop.epoch_progress.current.state_dict()
        batches = loop.epoch_loop.batch_progress.current.state_dict()
        within = epochs["started"] > epochs["processed"]
        together = self.batch_size * self._processes()[0]
        return {
            "epoch": epochs["processed"],
            "images": batches["processed"] * together if within else 0,
            "batch_size": together,
        }

    @override
    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Go on where a training stood.

        Raises:
            InputError: It stood within an epoch, and its batches had another size.
        """
        together, before = self.batch_size * self._processes()[0], state_dict["batch_size"]
        if state_dict["images"] and together != before:
            raise InputError(
                f"the checkpoint stands within an epoch of batches of {before} images (of all processes "
                f"together), and this run makes batches of {together}; resume it with the old data.batch_size"
            )
        self._resumed = dict(state_dict)

    @override
    def val_dataloader(self) -> DataLoader[Batch]:
        return self._loader(self._served("val"))

    @override
    def test_dataloader(self) -> DataLoader[Batch]:
        return self._loader(self.dataset("test"))

    def _loader(
        self,
        dataset: Dataset[Example] | FeatureDataset,
        keys: Iterable[int] | None = None,
        drop_last: bool = False,
    ) -> DataLoader[Batch]:
        from_memory = isinstance(dataset, FeatureDataset)
        num_workers = 0 if from_memory else self.num_workers
        return DataLoader(
            dataset,  # type: ignore[arg-type]  # torch has no type for what collate_fn makes of examples
            batch_size=self.batch_size,
            sampler=keys,
            drop_last=drop_last,
            collate_fn=cast(Callable[[Any], Batch], whole_batch if from_memory else collate),
            num_workers=num_workers,
            worker_init_fn=outlive_signals,
            persistent_workers=num_workers > 0,
            pin_memory=torch.cuda.is_available(),
            # Starting an iterator draws a number; from the global generator it would shift dropout's.
            generator=torch.Generator(),
        )
