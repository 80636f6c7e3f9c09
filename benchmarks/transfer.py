"""What do a frozen backbone and cached features save? ``python benchmarks/transfer.py [--image-size 224]``.

Trains on drawn lesions, without augmentation, from random weights in a file, on the GPU if there is one. In
each turn every row runs what ``mode=fit`` runs, with every default callback, logger and validation, one row
after the other; ratios are taken within a turn, and their medians are printed in Markdown.

- Training: images a second of an epoch in which the whole network is trained, or the head alone.
- Cached features: seconds of a frozen training over 10 and 50 epochs, which follow from the time of one epoch
  and, with cached features, the time that it takes to compute them: longer runs are not waited for.
"""

import argparse
import shutil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
import torchvision
from composition import ON_GPU, now, parts_of_fit
from lightning.pytorch import Callback, LightningModule, Trainer
from rich.progress import track
from typing_extensions import override

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.modes.features import with_cached_features

LONG = (10, 50)  # epochs


class Turn(NamedTuple):
    """Seconds of an epoch of each training, and of computing the features."""

    whole: float
    frozen: float
    cached: float
    computing: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="resnet50", choices=["resnet18", "resnet50"])
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=128 if ON_GPU else 16)
    parser.add_argument("--lesions", type=int, default=700 if ON_GPU else 100, help="drawn, 1.75 images each")
    parser.add_argument("--epochs", type=int, default=2, help="measured in a turn, after a first one")
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    device = torch.cuda.get_device_name() if ON_GPU else f"{torch.get_num_threads()} CPU threads"
    print(f"{chosen.model} at {chosen.image_size} px, batches of {chosen.batch_size}, {device}, ", end="")
    print(f"PyTorch {torch.__version__}")
    with TemporaryDirectory() as temporary:
        bench = Bench(Path(temporary), chosen)
        turns = [bench.turn() for _ in track(range(chosen.turns), "Turns", transient=True)]
    print(f"\n### Training\n\n{bench.images} training images\n")
    print("| | images/s | ratio | lowest and highest ratio |\n| --- | --- | --- | --- |")
    for name, seconds in (("whole network", "whole"), ("frozen backbone", "frozen")):
        rate = bench.images / median(getattr(turn, seconds) for turn in turns)
        print(f"| {name} | {rate:.1f} | {shown([turn.whole / getattr(turn, seconds) for turn in turns])} |")
    print(f"\n### Cached features\n\n{median(turn.computing for turn in turns):.1f} s to compute them\n")
    print("| epochs | frozen, s | cached, s | ratio | lowest and highest ratio |")
    print("| --- | --- | --- | --- | --- |")
    for epochs in LONG:
        pairs = [(epochs * turn.frozen, turn.computing + epochs * turn.cached) for turn in turns]
        frozen, cached = (median(column) for column in zip(*pairs, strict=True))
        ratios = shown([before / after for before, after in pairs])
        print(f"| {epochs} | {frozen:.1f} | {cached:.1f} | {ratios} |")


def shown(ratios: list[float]) -> str:
    """Two cells: the median, and the range."""
    return f"{median(ratios):.2f} | {min(ratios):.2f} - {max(ratios):.2f}"


class Bench:
    """Three trainings on the same images.

    Args:
        scratch: Takes images, weights, runs and caches.
        chosen: The command line.
    """

    def __init__(self, scratch: Path, chosen: argparse.Namespace) -> None:
        self.scratch = scratch
        self.epochs = chosen.epochs
        torch.manual_seed(0)
        weights = scratch / "weights.pth"
        torch.save(torchvision.models.get_model(chosen.model, weights=None).state_dict(), weights)
        self.overrides = [
            f"model={chosen.model}",
            f"model.weights={weights}",
            f"data.lesions={chosen.lesions}",
            f"data.root={scratch / 'drawn'}",
            f"data.image_size={chosen.image_size}",
            f"data.batch_size={chosen.batch_size}",
            "data/augmentation=none",
            "data.cache=memmap",
            f"data.cache_dir={scratch / 'cache'}",
            f"trainer.max_epochs={1 + chosen.epochs}",
        ]
        data: SkinLesionDataModule = self._parts("none")["data"]
        self.images = len(data.manifest.rows("train"))
        data.train_dataloader()  # draws the lesions and decodes them
        data.val_dataloader()

    def turn(self) -> Turn:
        """Run each training once."""
        whole, _ = self._train("none", None)
        frozen, _ = self._train("frozen", None)
        cached, computing = self._train("frozen", 1)
        return Turn(whole, frozen, cached, computing)

    def _train(self, transfer: str, views: int | None) -> tuple[float, float]:
        """Seconds of an epoch, and of computing features."""
        parts, clock = self._parts(transfer), Clock()
        data: SkinLesionDataModule = parts["data"]
        classifier = parts["build_classifier"](
            class_names=data.class_names,
            class_counts=data.class_counts(),
            preprocessing=data.preprocessing.to_dict(),
            manifest_hash=data.manifest.hash,
            describe_metadata=data.describe_metadata,
            seed=0,
        )
        trainer: Trainer = parts["build_trainer"](
            callbacks=[clock, *parts["callbacks"].values()], logger=parts["tensorboard"], folder=self.scratch
        )
        shutil.rmtree(self.scratch / "cache" / "features", ignore_errors=True)
        started = now()
        if views is not None:
            computed = with_cached_features(data, classifier, trainer, views)
        computing = now() - started
        trainer.fit(classifier, data if views is None else computed)
        return clock.seconds / self.epochs, computing

    def _parts(self, transfer: str) -> dict[str, Any]:
        return parts_of_fit([*self.overrides, f"model/transfer={transfer}"], self.scratch)


class Clock(Callback):
    """Measures from the end of the first epoch to the end of the training, validation included."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    @override
    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.current_epoch == 1:
            self._started = now()

    @override
    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.seconds = now() - self._started


if __name__ == "__main__":
    main()
