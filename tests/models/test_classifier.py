"""A whole tiny training, what it leaves alone, and what its checkpoints say."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from lightning.pytorch import Callback, Trainer
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD, AdamW
from torch.utils.data import DataLoader, TensorDataset

from lightning_skin.callbacks.checkpoint import BestCheckpoint, LastCheckpoint
from lightning_skin.callbacks.history import History
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import light
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, Facts, read_checkpoint
from lightning_skin.models.classifier import SkinLesionClassifier, build_classifier
from lightning_skin.models.losses.cross_entropy import CrossEntropy, cross_entropy
from lightning_skin.models.network import LesionNetwork, NetworkSpec
from lightning_skin.models.schedules import constant, warmup_cosine
from lightning_skin.models.transfer import Transfer
from lightning_skin.modes.trainer import build_trainer

IMAGES = torch.randn(7, 2, 1, 1, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 1, 0, 1, 0, 1])


def trainer(
    folder: Path, epochs: int, *callbacks: Callback, precision: str = "32-true", **arguments: Any
) -> Trainer:
    limits = {"max_epochs": epochs, "devices": 1, "enable_model_summary": False, "num_sanity_val_steps": 0}
    return build_trainer(precision, "cpu", False, callbacks, None, folder, **limits, **arguments)


class Trained(NamedTuple):
    classifier: SkinLesionClassifier
    before: dict[str, Tensor]
    trainer: Trainer
    folder: Path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Two epochs of two batches from layer4 on; 3 training images of mel, 6 of nv."""
    root = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name, count in (("mel", 6), ("nv", 12)):
        (root / name).mkdir()
        for number in range(count):
            Image.fromarray(rng.integers(0, 255, (32, 40, 3), np.uint8)).save(root / name / f"{number}.png")
    data = SkinLesionDataModule(
        lambda: folder(str(root), None),
        SplitSettings((0.5, 0.25, 0.25), 0, None, None, None, False),
        0,
        None,
        AuditSettings("fail", "group", "group", "pictures", "keep", "keep", cache_dir=None),
        32,
        "none",
        "none",
        light(),
        mixing=None,
        sampler="shuffle",
        batch_size=4,
        num_workers=0,
        cache="none",
        cache_dir="unused",
        stream=None,
    )
    classifier = build_classifier(
        library="timm",
        name="test_resnet",
        weights=None,
        dropout=0.5,
        hidden=None,
        stem="standard",
        train_from="layer4",
        compile=False,
        metadata=None,
        metadata_dropout=0.2,
        transfer=Transfer(),
        optimizer=partial(AdamW, lr=0.01, weight_decay=0.1),
        scheduler=partial(warmup_cosine, warmup=0.25),
        loss=partial(cross_entropy, label_smoothing=0.1, class_weights="balanced"),
        class_names=data.class_names,
        class_counts=data.class_counts(),
        preprocessing=data.preprocessing.to_dict(),
        manifest_hash=data.manifest.hash,
        describe_metadata=data.describe_metadata,
        seed=0,
    )
    before = {name: value.clone() for name, value in classifier.network.state_dict().items()}
    out = tmp_path_factory.mktemp("run")
    runner = trainer(out, 2, BestCheckpoint(str(out), "val/balanced_accuracy"), LastCheckpoint(str(out)))
    runner.fit(classifier, data)
    return Trained(classifier, before, runner, out)


def changed(trained: Trained) -> set[str]:
    after = trained.classifier.network.state_dict()
    return {name for name, value in trained.before.items() if not torch.equal(value, after[name])}


@pytest.mark.parametrize("name", ["best.ckpt", "last.ckpt"])
def test_checkpoints_are_plain_data_with_the_facts_of_the_network(trained: Trained, name: str) -> None:
    content = torch.load(trained.folder / name, weights_only=True)
    assert content[CHECKPOINT_KEY] == trained.classifier.facts.to_dict()


def test_the_last_checkpoint_gives_back_the_trained_network(trained: Trained) -> None:
    checkpoint = read_checkpoint(trained.folder / "last.ckpt")
    expected = dict(trained.classifier.network.state_dict())
    torch.testing.assert_close(dict(checkpoint.network.state_dict()), expected, rtol=0, atol=0)
    assert (checkpoint.facts.class_names, checkpoint.epoch) == (("mel", "nv"), 1)


def test_only_the_last_checkpoint_can_be_resumed(trained: Trained) -> None:
    assert read_checkpoint(trained.folder / "last.ckpt").resumable
    assert not read_checkpoint(trained.folder / "best.ckpt").resumable


def test_training_from_a_stage_changes_the_parameters_behind_it_alone(trained: Trained) -> None:
    parameters = {name for name, _ in trained.classifier.network.named_parameters()}
    expected = {name for name in parameters if name.startswith(("backbone.layer4.", "head."))}
    assert changed(trained) & parameters == expected


def test_training_from_a_stage_changes_no_batch_norm_statistics_before_it(trained: Trained) -> None:
    statistics = {name for name in trained.before if "running_" in name or "num_batches" in name}
    expected = {name for name in statistics if name.startswith("backbone.layer4.")}
    assert changed(trained) & statistics == expected


def test_weight_decay_spares_biases_and_scales(trained: Trained) -> None:
    decayed, undecayed = trained.trainer.optimizers[0].param_groups
    assert (decayed["weight_decay"], undecayed["weight_decay"]) == (0.1, 0.0)
    assert {one.ndim for one in undecayed["params"]} == {1}


def test_the_schedule_ends_with_the_training(trained: Trained) -> None:
    assert trained.trainer.global_step == 4
    assert trained.trainer.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.0, abs=1e-9)


def test_the_loss_knows_how_often_each_class_occurs(trained: Trained) -> None:
    torch.testing.assert_close(trained.classifier.loss.weight, torch.tensor([9 / (2 * 3), 9 / (2 * 6)]))


def linear(optimizer: Callable[..., SGD], dropout: float, seed: int) -> SkinLesionClassifier:
    torch.manual_seed(5)
    head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2, 2))
    facts = Facts(NetworkSpec("", "", dropout, None), ("mel", "nv"), {}, "")
    network = LesionNetwork(nn.Flatten(), head)
    loss = CrossEntropy(0.0, None)
    return SkinLesionClassifier(network, facts, loss, optimizer, constant, seed, Transfer())


def losses(
    path: Path, rate: float, dropout: float, seed: int, epochs: int, resume: Path | None = None
) -> Tensor:
    """The training loss of every epoch of a linear network, which leaves ``path/last.ckpt``."""
    classifier = linear(partial(SGD, lr=rate), dropout, seed)
    history = History(str(path), "train/loss")
    rows = TensorDataset(IMAGES, LABELS, torch.arange(7))
    # As in the data module: a loader that drew from the global generator would shift dropout's numbers.
    batches = DataLoader(rows, batch_size=3, generator=torch.Generator())
    trainer(path, epochs, LastCheckpoint(str(path)), history).fit(
        classifier, batches, batches, ckpt_path=resume, weights_only=True
    )
    return torch.tensor([row["train/loss"] for row in history.rows])


def test_the_loss_of_an_epoch_is_the_mean_over_its_images(tmp_path: Path) -> None:
    found = losses(tmp_path, rate=0.0, dropout=0.0, seed=0, epochs=1)
    torch.manual_seed(5)
    expected = F.cross_entropy(nn.Linear(2, 2)(IMAGES.flatten(1)), LABELS)
    torch.testing.assert_close(found, expected.detach()[None])


def test_the_accuracy_of_mixed_images_is_that_of_their_larger_part(tmp_path: Path) -> None:
    shares = torch.nn.functional.one_hot(LABELS, 2).float() * 0.2 + 0.4  # 0.6 and 0.4
    accuracies = []
    for labels in (LABELS, shares):
        classifier = linear(partial(SGD, lr=0.0), dropout=0.0, seed=0)
        history = History(str(tmp_path), "train/accuracy")
        rows = DataLoader(TensorDataset(IMAGES, labels, torch.arange(7)), batch_size=7)
        validation = DataLoader(TensorDataset(IMAGES, LABELS, torch.arange(7)), batch_size=7)
        trainer(tmp_path, 1, history).fit(classifier, rows, validation)
        accuracies.append([row["train/accuracy"] for row in history.rows])
    torch.manual_seed(5)
    guesses = nn.Linear(2, 2)(IMAGES.flatten(1)).argmax(dim=1)
    assert accuracies[1] == accuracies[0] == [pytest.approx((guesses == LABELS).float().mean().item())]


def test_dropout_differs_between_epochs_and_seeds_and_repeats_itself(tmp_path: Path) -> None:
    first, again, other = (losses(tmp_path, 0.0, 0.5, seed, epochs=3) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert len({*first.tolist(), *other.tolist()}) == 6


@pytest.mark.parametrize(
    ("precision", "fused"), [("32-true", True), ("bf16-mixed", True), ("bf16-mixed", False)]
)
def test_the_step_of_a_clipped_gradient_is_as_long_as_the_clip(
    tmp_path: Path, precision: str, fused: bool
) -> None:
    classifier = linear(partial(SGD, lr=1.0, fused=fused), dropout=0.0, seed=0)
    before = [one.detach().clone() for one in classifier.network.parameters()]
    rows = DataLoader(TensorDataset(IMAGES, LABELS, torch.arange(7)), batch_size=7)
    trainer(tmp_path, 1, precision=precision, gradient_clip_val=0.01).fit(classifier, rows, rows)
    steps = [new - old for new, old in zip(classifier.network.parameters(), before, strict=True)]
    length = torch.cat([step.flatten() for step in steps]).norm()
    assert length.item() == pytest.approx(0.01, rel=0.01)


def test_a_resumed_run_repeats_an_undisturbed_one(tmp_path: Path) -> None:
    whole = losses(tmp_path / "whole", 0.5, 0.5, seed=0, epochs=4)
    losses(tmp_path / "half", 0.5, 0.5, seed=0, epochs=2)
    resumed = losses(tmp_path / "rest", 0.5, 0.5, seed=0, epochs=4, resume=tmp_path / "half" / "last.ckpt")
    assert torch.equal(resumed, whole)
