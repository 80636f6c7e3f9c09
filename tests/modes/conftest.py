"""One tiny trained run, and what it takes to make another."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from PIL import Image
from torch.optim import AdamW

from lightning_skin.callbacks.checkpoint import BestCheckpoint, LastCheckpoint
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.checkpoint import CHECKPOINT_KEY
from lightning_skin.models.choice import NetworkChoice
from lightning_skin.models.classifier import build_classifier
from lightning_skin.models.losses import cross_entropy
from lightning_skin.models.schedules import constant
from lightning_skin.models.transfer import Transfer
from lightning_skin.modes.fit import fit
from lightning_skin.modes.run_folder import Run
from lightning_skin.modes.trainer import build_trainer

MONITOR = "val/balanced_accuracy"
COLOURS = {"bkl": (150, 90, 60), "mel": (60, 40, 40), "nv": (200, 120, 90)}
CONFIG = {
    "seed": 0,
    "model": dict.fromkeys(
        (
            *("name", "stem", "weights", "train_from", "transfer", "dropout", "hidden", "optimizer"),
            *("scheduler", "loss", "metadata", "metadata_dropout"),
        )
    ),
    "data": dict.fromkeys(
        ("image_size", "batch_size", "augmentation", "erasing", "mixing", "colour_constancy", "border_crop")
    ),
    "trainer": dict.fromkeys(("max_epochs", "accumulate_grad_batches", "gradient_clip_val", "precision")),
}


SETTINGS = EvaluationSettings(
    calibration="temperature",
    sensitivities=[0.9],
    specificities=[],
    miss_costs=[],
    costs=None,
    coverage=0.9,
    min_tpr=0.8,
    subgroups=None,
    min_images=30,
    unknown=None,
    protocols=[],
    figures=["png"],
)


def make_run(folder: Path) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    return Run(folder, CONFIG, ("seed=0",), "python scripts/run.py seed=0")


def make_data(
    root: Path | None, split_seed: int = 0, allow_leakage: bool = False, **changes: Any
) -> SkinLesionDataModule:
    arguments = {
        "source": None if root is None else lambda: folder(str(root), None),
        "split": SplitSettings((0.6, 0.2, 0.2), split_seed, None, None, None, allow_leakage),
        "seed": 0,
        "labels": None,
        "audit": AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None),
        "image_size": 32,
        "colour_constancy": "none",
        "border_crop": "none",
        "augmentation": None,
        "mixing": None,
        "sampler": "shuffle",
        "batch_size": 8,
        "num_workers": 0,
        "cache": "none",
        "cache_dir": "unused",
        "stream": None,
    }
    return SkinLesionDataModule(**(arguments | changes))


def make_trainer(**changes: Any) -> Callable[..., Any]:
    arguments = {
        "precision": "32-true",
        "accelerator": "cpu",
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "max_epochs": 1,
        "num_sanity_val_steps": 0,
    }
    return partial(build_trainer, **(arguments | changes))


def run_fit(
    folder: Path,
    data: SkinLesionDataModule,
    ckpt_path: Path | None = None,
    name: str = "resnet18",
    epochs: int = 1,
    monitor: str = MONITOR,
    lr: float = 1e-3,
    compiled: bool = False,
    find: str | None = None,
    tta: str = "none",
    choice: NetworkChoice | None = None,
    metadata: Sequence[str] | None = None,
    train_from: str | None = None,
    transfer: Transfer | None = None,
    evaluation: EvaluationSettings = SETTINGS,
    **changes: Any,
) -> float:
    checkpoints = str(folder / "checkpoints")
    size = data.preprocessing.image_size
    choice = choice or NetworkChoice("torchvision", name, "standard", None, None, size)
    network = {"library": choice.library, "name": choice.name, "stem": choice.stem, "weights": None}
    learning = {
        "dropout": 0.0,
        "hidden": None,
        "metadata": metadata,
        "metadata_dropout": 0.2,
        "train_from": train_from,
        "compile": compiled,
        "transfer": transfer or Transfer(),
        "optimizer": partial(AdamW, lr=lr),
        "scheduler": constant,
        "loss": partial(cross_entropy, label_smoothing=0.0, class_weights="none"),
    }
    return fit(
        run=make_run(folder),
        data=data,
        network=choice,
        build_classifier=partial(build_classifier, **network, **learning),
        build_trainer=make_trainer(max_epochs=epochs, **changes),
        callbacks={"best": BestCheckpoint(checkpoints, monitor), "last": LastCheckpoint(checkpoints)},
        tensorboard=TensorBoardLogger(folder, name="tensorboard", version="", default_hp_metric=False),
        monitor=monitor,
        seed=0,
        ckpt_path=None if ckpt_path is None else str(ckpt_path),
        find=find,
        tta=tta,
        evaluation=evaluation,
    )


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders of 10 noisy images each; the split gives train 18, val and test 6 each."""
    root = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (root / name).mkdir()
        for number in range(10):
            pixels = np.clip(rng.normal(colour, 25, (30, 40, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{name}_{number}.png")
    return root


@pytest.fixture(scope="session")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one epoch on ``images``; not to be written to."""
    run = tmp_path_factory.mktemp("trained") / "run"
    run_fit(run, make_data(images))
    return run


@pytest.fixture
def new_run(tmp_path: Path) -> Run:
    """A run that writes into an empty folder."""
    return make_run(tmp_path / "run")


@pytest.fixture(scope="session")
def new_data() -> Callable[..., SkinLesionDataModule]:
    """Data of a folder, or none; arguments of the data module may be changed."""
    return make_data


@pytest.fixture(scope="session")
def new_trainer() -> Callable[..., Any]:
    """A builder of trainers without noise; arguments of the Trainer may be changed."""
    return make_trainer


@pytest.fixture(scope="session")
def start_fit() -> Callable[..., float]:
    """Fits a ResNet18 for an epoch: folder, data, and where to resume from."""
    return run_fit


def save_variant(
    trained: Path,
    run: Path,
    splits: Mapping[str, str] | None = None,
    class_names: Sequence[str] | None = None,
    image_size: int = 32,
    noise: float = 0.0,
) -> Path:
    """Write a run like ``trained`` with other splits, classes in another order, another size or weights."""
    content = torch.load(trained / "checkpoints" / "best.ckpt", weights_only=True)
    own = read_manifest(trained / "manifest.csv")
    manifest = Manifest(own.root, own.table.assign(split=own.table["split"].replace(dict(splits or {}))))
    facts = content[CHECKPOINT_KEY]
    order = [facts["class_names"].index(name) for name in class_names or facts["class_names"]]
    for name in ("network.head.1.weight", "network.head.1.bias"):
        weights = content["state_dict"][name]
        change = noise * torch.randn(weights.shape, generator=torch.Generator().manual_seed(0))
        content["state_dict"][name] = (weights + change)[order]
    facts["class_names"] = [facts["class_names"][index] for index in order]
    facts["preprocessing"]["image_size"] = image_size
    facts["manifest_hash"] = manifest.hash
    (run / "checkpoints").mkdir(parents=True)
    torch.save(content, run / "checkpoints" / "best.ckpt")
    manifest.write(run / "manifest.csv")
    (run / "run.json").write_text('{"status": "finished"}')
    return run


@pytest.fixture(scope="session")
def new_variant(trained: Path) -> Callable[..., Path]:
    """Writes runs like ``trained``: folder, and what is to differ."""
    return partial(save_variant, trained)


@pytest.fixture(scope="session")
def settings() -> EvaluationSettings:
    """What is made of predictions."""
    return SETTINGS
