"""How fast is training, beside a plain PyTorch loop? ``python benchmarks/training.py [--batch-size 8]``.

Everything runs in one process, on the GPU if there is one, on drawn lesions of 224 pixels. In each turn every
row trains a few steps, one row after the other; ratios are taken within a turn, and their medians are
printed in Markdown.

- Steps: one batch that stays on the device. The plain loop is torchvision's network with Adam in the default
  memory format; the bare loop is our network, loss, optimizer and clipping without Lightning; the third row
  is what ``mode=fit`` builds: the Trainer with every default callback and logger.
- Overhead: the last two for a network of a few thousand weights, where little else than overhead is left.
- Pipeline: ``mode=fit`` on images as they are read, beside ``mode=fit`` on the resident batch.
- Settings, on a GPU only: the resident batch with other precisions, and compiled.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import torch
import torchvision
from composition import ON_GPU, now, parts_of_fit
from lightning.pytorch import Callback, LightningModule, Trainer
from rich.progress import track
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from typing_extensions import override

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import Batch
from lightning_skin.models.classifier import SkinLesionClassifier
from lightning_skin.models.parameters import build_scaled

DEVICE = torch.device("cuda" if ON_GPU else "cpu")
WARM = 2  # steps before the clock starts
TINY = ("model=timm", "model.name=test_resnet", "data.image_size=64", "data.batch_size=4")
TINY_STEPS = 200


class Row(NamedTuple):
    """A way to train: its name, the row that it is compared with, and the seconds of so many steps."""

    name: str
    baseline: str
    seconds: Callable[[int], float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", default="resnet50", help="a choice of the model group")
    parser.add_argument("--batch-size", type=int, default=128 if ON_GPU else 8)
    parser.add_argument("--steps", type=int, default=50 if ON_GPU else 4, help="measured in a turn")
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    device = torch.cuda.get_device_name() if ON_GPU else f"{torch.get_num_threads()} CPU threads"
    print(f"{chosen.model}, batches of {chosen.batch_size}, {device}, PyTorch {torch.__version__}")
    with TemporaryDirectory() as temporary:
        fit = partial(Fit, Path(temporary))
        real = fit(f"model={chosen.model}", f"data.batch_size={chosen.batch_size}", "data.image_size=224")
        measure("Steps", [plain(chosen.model, real), *ours(real)], chosen)
        rows = [
            Row("the resident batch", "the resident batch", real.resident),
            Row("images as they are read", "the resident batch", real.read),
        ]
        measure("Pipeline", rows, chosen)
        if ON_GPU:
            measure("Settings", settings(fit, chosen), chosen)
        overhead(fit(*TINY), chosen.turns)


class Fit:
    """What ``mode=fit`` builds from overrides, without the test at its end.

    Args:
        scratch: Takes runs and caches.
        overrides: Of the configuration.
    """

    def __init__(self, scratch: Path, *overrides: str) -> None:
        self.scratch = scratch
        drawn = ["data.lesions=60", "data.size=256", f"data.root={scratch / 'drawn'}", "data.num_workers=2"]
        fast = ["data.cache=memmap", "data/augmentation=fused", f"data.cache_dir={scratch / 'cache'}"]
        self.overrides = [*drawn, *fast, *overrides]
        self.data: SkinLesionDataModule = self._parts()["data"]
        images = next(iter(self.data.train_dataloader()))
        self.batch = Batch(
            self.data.preprocessing.normalise(images.images).to(DEVICE),
            images.labels.to(DEVICE),
            images.indices,
        )

    def _parts(self) -> dict[str, Any]:
        return parts_of_fit(self.overrides, self.scratch)

    def classifier(self) -> SkinLesionClassifier:
        """A classifier with random weights."""
        built: SkinLesionClassifier = self._parts()["build_classifier"](
            class_names=self.data.class_names,
            class_counts=self.data.class_counts(),
            preprocessing=self.data.preprocessing.to_dict(),
            manifest_hash=self.data.manifest.hash,
            describe_metadata=self.data.describe_metadata,
            seed=0,
        )
        return built

    def resident(self, steps: int) -> float:
        """Seconds for so many steps on the batch that stays on the device."""
        return self._train(steps, Resident(self.data, self.batch, WARM + steps))

    def read(self, steps: int) -> float:
        """Seconds for so many steps on images as they are read."""
        return self._train(steps, self.data)

    def _train(self, steps: int, data: SkinLesionDataModule) -> float:
        parts, clock = self._parts(), Clock()
        trainer: Trainer = parts["build_trainer"](
            callbacks=[*parts["callbacks"].values(), clock],
            logger=parts["tensorboard"],
            folder=self.scratch,
            max_steps=WARM + steps,
            max_epochs=-1,
            limit_val_batches=1,
        )
        trainer.fit(self.classifier(), data)
        return clock.seconds


class Resident(SkinLesionDataModule):
    """The same batch again and again; all else as in another data module."""

    def __init__(self, data: SkinLesionDataModule, batch: Batch, steps: int) -> None:
        self.__dict__.update(data.__dict__)
        # Without a sampler and a collation, the loader hands them over as they are.
        self.loader: DataLoader[Batch] = DataLoader([batch] * steps, batch_size=None)  # type: ignore[arg-type]

    @override
    def train_dataloader(self) -> DataLoader[Batch]:
        return self.loader

    @override
    def val_dataloader(self) -> DataLoader[Batch]:
        return self.loader

    @override
    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        return batch


class Clock(Callback):
    """Measures from the end of the warm steps to the end of the last one."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._started = 0.0

    @override
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.global_step == WARM:
            self._started = now()
        elif trainer.global_step == trainer.max_steps:
            self.seconds = now() - self._started


def plain(model: str, fit: Fit) -> Row:
    """Torchvision's network and Adam, as a tutorial has them."""

    def seconds(steps: int) -> float:
        network = torchvision.models.get_model(model, weights=None, num_classes=len(fit.data.class_names))
        network.to(DEVICE).train()
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        images, labels = fit.batch.images.contiguous(), fit.batch.labels

        def step() -> None:
            loss = F.cross_entropy(network(images), labels)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()

        return timed(step, steps)

    return Row("plain loop", "plain loop", seconds)


def ours(fit: Fit) -> list[Row]:
    """Our network without and with Lightning."""

    def bare(steps: int) -> float:
        classifier = fit.classifier().to(DEVICE).train()
        optimizer = build_scaled(classifier.build_optimizer, classifier.lr_factors)
        schedule: Any = classifier.build_schedule(optimizer, WARM + steps)["scheduler"]
        images, labels, _ = fit.batch

        def step() -> None:
            with torch.autocast(DEVICE.type, torch.bfloat16, enabled=ON_GPU):
                loss = classifier.loss(classifier(images), labels)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
            optimizer.step()
            schedule.step()

        return timed(step, steps)

    return [Row("bare loop, ours", "plain loop", bare), Row("mode=fit", "plain loop", fit.resident)]


def timed(step: Callable[[], None], steps: int) -> float:
    """Seconds of so many steps, after warm ones."""
    for _ in range(WARM):
        step()
    started = now()
    for _ in range(steps):
        step()
    return now() - started


def settings(fit: Callable[..., Fit], chosen: argparse.Namespace) -> list[Row]:
    """Other precisions on the resident batch, and torch.compile."""
    common = [f"model={chosen.model}", f"data.batch_size={chosen.batch_size}", "data.image_size=224"]
    choices = (
        ["trainer.precision=32-true"],
        ["trainer.precision=bf16-mixed"],
        ["trainer.precision=bf16-mixed", "model.compile=true"],
    )
    return [Row(" ".join(choice), choices[0][0], fit(*common, *choice).resident) for choice in choices]


def measure(title: str, rows: Sequence[Row], chosen: argparse.Namespace) -> None:
    """Print a table of images a second and ratios."""
    turns = [
        {row.name: row.seconds(chosen.steps) for row in rows}
        for _ in track(range(chosen.turns), title, transient=True)
    ]
    print(f"\n### {title}\n\n| | images/s | ratio | lowest and highest ratio |\n| --- | --- | --- | --- |")
    for name, baseline, _ in rows:
        ratios = [turn[baseline] / turn[name] for turn in turns]
        rate = chosen.steps * chosen.batch_size / median(turn[name] for turn in turns)
        print(
            f"| {name} | {rate:.1f} | {median(ratios):.2f} | {min(ratios):.2f} - {max(ratios):.2f} |",
            flush=True,
        )


def overhead(fit: Fit, turns: int) -> None:
    """Print what a step of Lightning costs beside the same step without it."""
    bare, lightning = ours(fit)
    bare.seconds(TINY_STEPS)
    differences = [
        (lightning.seconds(TINY_STEPS) - bare.seconds(TINY_STEPS)) / TINY_STEPS * 1e3
        for _ in track(range(turns), "Overhead", transient=True)
    ]
    print(f"\nOverhead of mode=fit: {median(differences):.2f} ms a step ", end="")
    print(f"({min(differences):.2f} - {max(differences):.2f} in {turns} turns of {TINY_STEPS} steps)")


if __name__ == "__main__":
    main()
