"""How fast are images read, beside torchvision's usual pipeline? ``python benchmarks/reading.py [FOLDER]``.

FOLDER holds one folder of images per class; without it, synthetic lesions of 600 x 450 and of 6000 x 4000
pixels are drawn. All pipelines read the same images in one process, in turns, with two worker processes
each, and end with normalised float images: the baseline's workers make them, ours leave that to the device,
here one core of the main process. Rows with "8 bits" are without it. Ratios are taken within a turn; their
medians are printed, in Markdown.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.random import default_rng
from PIL import Image
from rich.progress import track
from torch.utils.data import ConcatDataset, DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import Augmentation, fused, standard
from lightning_skin.data.build import build_test_manifest
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from lightning_skin.data.reading import read_image
from lightning_skin.data.sources import folder as class_folders
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.data.synthetic.generate import synthesise

SIZE = 224
MIN_SCALE = 0.6
COLOURS = (0.15, 0.15, 0.15, 0.02)  # brightness, contrast, saturation, hue
BATCH_SIZE = 32
WORKERS = 2
TURNS = 7
EPOCHS = 5
LARGE = 4_000_000  # pixels
ROLLUP = Path("/proc/self/smaps_rollup")
AUDIT = AuditSettings("fail", "group", "ignore", "pictures", "keep", "keep", cache_dir=None)


class Pipeline(NamedTuple):
    """A way to read images: its name, the row that it is compared with, and its batches."""

    name: str
    baseline: str
    batches: Iterable[Any]


def main(folder: Path | None) -> None:
    """Measure the images in ``folder``, or drawn ones."""
    torch.set_num_threads(1)  # the workers need the cores
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        for images in [folder] if folder else [draw(scratch, 450), draw(scratch, 4000)]:
            measure(images, scratch / "cache")


def draw(scratch: Path, height: int) -> Path:
    """Synthetic lesions, 3/2 as wide as high where they are large, with the noise of a camera."""
    collection = synthesise(scratch / "drawn", lesions=28, size=450, seed=0) / "images"
    if height == 450:
        return collection
    rng, folder = default_rng(0), scratch / str(height)
    noise = rng.normal(0, 2, (height, height * 3 // 2, 1))
    for number, path in enumerate(track(sorted(collection.rglob("*.jpg"))[::3], "Enlarging", transient=True)):
        large = Image.open(path).resize((height * 3 // 2, height), Image.Resampling.BICUBIC)
        noisy = np.asarray(large, np.float32) + np.roll(noise, number * 997, axis=1)
        target = folder / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(target, quality=90)
    return folder


def measure(folder: Path, cache: Path) -> None:
    """Print what was measured on one folder."""
    manifest = build_test_manifest(class_folders(str(folder), None), AUDIT)
    sizes = manifest.table[["width", "height"]].astype(int)
    weight = sum((folder / path).stat().st_size for path in manifest.table["path"]) / len(sizes)
    width, height = sizes.median().astype(int)
    print(f"\n### {len(sizes)} images of {width} x {height} pixels, {weight / 1e3:.0f} kB each\n")
    growth = memory(manifest)  # first: the workers of the other pipelines stay
    images = 2 * BATCH_SIZE if width * height > LARGE else 12 * BATCH_SIZE
    pipelines = [*baselines(folder, images), *ours(manifest, cache, images)]
    for pipeline in pipelines:
        speed(pipeline)  # starts the workers, and builds the caches
    turns = [
        {pipeline.name: speed(pipeline) for pipeline in pipelines}
        for _ in track(range(TURNS), "Measuring", transient=True)
    ]
    print("| pipeline | images/s | ratio | lowest and highest ratio |\n| --- | --- | --- | --- |")
    for name, baseline, _ in pipelines:
        ratios = [turn[name] / turn[baseline] for turn in turns]
        print(
            f"| {name} | {median(turn[name] for turn in turns):.0f} | {median(ratios):.1f} | "
            f"{min(ratios):.1f} - {max(ratios):.1f} |"
        )
    print(
        f"\nPixels moved by decoding at a reduced scale: {decoding_difference(manifest):.3f} of 255 levels."
    )
    print(f"Memory of all processes after each of {EPOCHS} epochs, in MB: {growth}.")


def baselines(folder: Path, images: int) -> Iterator[Pipeline]:
    """ImageFolder, Pillow, and torchvision's transforms."""
    as_input = [transforms.ToTensor(), transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    train = [
        transforms.RandomResizedCrop(SIZE, scale=(MIN_SCALE, 1)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.RandomRotation(180),
        transforms.ColorJitter(*COLOURS),
    ]
    evaluation = [transforms.Resize(SIZE), transforms.CenterCrop(SIZE)]
    for name, steps in (("torchvision, training", train), ("torchvision, evaluation", evaluation)):
        dataset = ImageFolder(str(folder), transforms.Compose([*steps, *as_input]))
        repeated: ConcatDataset[Any] = ConcatDataset([dataset] * -(-images // len(dataset)))
        loader = DataLoader(
            repeated, BATCH_SIZE, shuffle=True, num_workers=WORKERS, persistent_workers=True, drop_last=True
        )
        yield Pipeline(name, name, loader)


def ours(manifest: Manifest, cache: Path, images: int) -> Iterator[Pipeline]:
    """The data module's loaders, on the same images."""
    train, evaluation = "torchvision, training", "torchvision, evaluation"
    for augmentation in (standard, fused):
        data = module(manifest, cache, "none", augmentation(MIN_SCALE, *COLOURS), images)
        yield Pipeline(f"training, {augmentation.__name__}", train, Normalised(data, "train"))
    for kind in ("memmap", "jpeg"):
        data = module(manifest, cache, kind, fused(MIN_SCALE, *COLOURS), 4 * images)
        yield Pipeline(f"training, fused, cache={kind}", train, Normalised(data, "train"))
    data = module(manifest, cache, "none", None, images)
    yield Pipeline("evaluation", evaluation, Normalised(data, "test"))
    data = module(manifest, cache, "memmap", None, 8 * images)
    yield Pipeline("evaluation, cache=memmap", evaluation, Normalised(data, "test"))
    # What a GPU leaves to the processor.
    data = module(manifest, cache, "none", fused(MIN_SCALE, *COLOURS), images)
    yield Pipeline("training, fused, 8 bits", train, data.train_dataloader())
    data = module(manifest, cache, "memmap", fused(MIN_SCALE, *COLOURS), 4 * images)
    yield Pipeline("training, fused, cache=memmap, 8 bits", train, data.train_dataloader())
    data = module(manifest, cache, "memmap", None, 8 * images)
    yield Pipeline("evaluation, cache=memmap, 8 bits", evaluation, data.test_dataloader())


def module(
    manifest: Manifest, cache: Path, kind: str, augmentation: Augmentation | None, images: int
) -> SkinLesionDataModule:
    """A data module that trains on all images and tests on all, each repeated to make so many."""
    data = SkinLesionDataModule(
        source=None,
        split=SplitSettings((0.7, 0.1, 0.2), 0, None, None, None, allow_leakage=True),
        seed=0,
        labels=None,
        audit=AUDIT,
        image_size=SIZE,
        colour_constancy="none",
        border_crop="none",
        augmentation=augmentation,
        mixing=None,
        sampler="shuffle",
        batch_size=BATCH_SIZE,
        num_workers=WORKERS,
        cache=kind,
        cache_dir=str(cache),
        stream=None,
    )
    rows = pd.concat([manifest.table] * -(-images // len(manifest.table)), ignore_index=True)
    table = pd.concat([rows.assign(split=split) for split in ("train", "test")], ignore_index=True)
    data.use(Manifest(manifest.root, table), Preprocessing(SIZE), manifest.class_names)
    return data


class Normalised:
    """Batches as a network gets them."""

    def __init__(self, data: SkinLesionDataModule, split: str) -> None:
        self.data = data
        self.loader = data.train_dataloader() if split == "train" else data.test_dataloader()

    def __iter__(self) -> Iterator[Any]:
        return (self.data.on_after_batch_transfer(batch, 0) for batch in self.loader)


def speed(pipeline: Pipeline) -> float:
    """Images a second, over one pass."""
    start = time.perf_counter()
    images = sum(len(batch[0]) for batch in pipeline.batches)
    return images / (time.perf_counter() - start)


def decoding_difference(manifest: Manifest) -> float:
    """Mean absolute difference of what is evaluated to full decoding, over pixels and images."""
    preprocessing = Preprocessing(SIZE)
    differences = [
        np.abs(
            preprocessing.square(manifest.root / path).astype(float)
            - preprocessing.resize(np.array(read_image(manifest.root / path)))
        ).mean()
        for path in manifest.table["path"]
    ]
    return float(np.mean(differences))


def memory(manifest: Manifest) -> str:
    """Resident memory after each epoch of training, of the main process and its workers together."""
    if not ROLLUP.is_file():
        return "not measured, for it takes Linux"
    data = module(manifest, Path(), "none", fused(MIN_SCALE, *COLOURS), 12 * BATCH_SIZE)
    loader, sizes = data.train_dataloader(), []
    for _ in track(range(EPOCHS), "Measuring memory", transient=True):
        speed(Pipeline("", "", loader))
        workers = multiprocessing.active_children()
        sizes.append(sum(resident(pid) for pid in [os.getpid(), *(worker.pid for worker in workers)]))
    return ", ".join(f"{size / 1e3:.0f}" for size in sizes)


def resident(pid: int | None) -> int:
    """Memory of a process in kB, less the files that it maps; what it shares with others counts in parts."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit("usage: python benchmarks/reading.py [FOLDER]")
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else None)
