"""Validation and test of a network that says what it is shown."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lightning_skin.models.tester import SkinLesionTester
from lightning_skin.modes.trainer import build_trainer

NAMES = ("bcc", "mel", "nv")
LOGITS = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
LABELS = torch.tensor([0, 1, 2, 2, 1, 0, 2])


@pytest.fixture
def tester() -> SkinLesionTester:
    """Its images are of one pixel, whose channels are the logits."""
    return SkinLesionTester(nn.Flatten(), NAMES)


def loader(order: Sequence[int]) -> DataLoader[tuple[Tensor, ...]]:
    """Batches of three images, the last one smaller, in this order of the table's rows."""
    rows = list(order)
    images = LOGITS[rows].reshape(-1, 3, 1, 1)
    return DataLoader(TensorDataset(images, LABELS[rows], torch.tensor(rows)), batch_size=3)


def evaluate(
    tester: SkinLesionTester, folder: Path, stage: str, order: Sequence[int] | DataLoader[tuple[Tensor, ...]]
) -> dict[str, float]:
    trainer = build_trainer("32-true", "cpu", False, (), None, folder, devices=1, enable_model_summary=False)
    run = {"val": trainer.validate, "test": trainer.test}[stage]
    batches = order if isinstance(order, DataLoader) else loader(order)
    (metrics,) = run(tester, batches, verbose=False)
    return dict(metrics)


def test_outputs_follow_the_table_whatever_order_the_images_came_in(
    tester: SkinLesionTester, tmp_path: Path
) -> None:
    evaluate(tester, tmp_path, "test", [6, 2, 4, 0, 1, 5, 3])
    outputs = tester.outputs["test"]
    assert outputs.indices.tolist() == list(range(7))
    assert outputs.labels.tolist() == LABELS.tolist()
    torch.testing.assert_close(outputs.probabilities, LOGITS.softmax(dim=1))


def test_the_loss_is_the_mean_over_images_not_over_batches(tester: SkinLesionTester, tmp_path: Path) -> None:
    metrics = evaluate(tester, tmp_path, "val", range(7))
    assert metrics["val/loss"] == pytest.approx(F.cross_entropy(LOGITS, LABELS).item(), abs=1e-6)


def test_metrics_equal_those_of_scikit_learn(tester: SkinLesionTester, tmp_path: Path) -> None:
    metrics = evaluate(tester, tmp_path, "val", range(7))
    predicted, probabilities = LOGITS.argmax(dim=1), LOGITS.softmax(dim=1)
    areas = [roc_auc_score(label == LABELS, probabilities[:, label]) for label in range(3)]
    expected = {
        "val/balanced_accuracy": balanced_accuracy_score(LABELS, predicted),
        "val/f1_macro": f1_score(LABELS, predicted, average="macro"),
        "val/auroc": np.mean(areas),
        "val/accuracy": (predicted == LABELS).double().mean().item(),
    }
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_each_class_has_its_recall(tester: SkinLesionTester, tmp_path: Path) -> None:
    metrics = evaluate(tester, tmp_path, "test", range(7))
    hits = (LOGITS.argmax(dim=1) == LABELS).double()
    expected = {
        f"test/recall_{name}": hits[label == LABELS].mean().item() for label, name in enumerate(NAMES)
    }
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("stage", ["val", "test"])
def test_every_metric_carries_the_name_of_its_stage(
    tester: SkinLesionTester, tmp_path: Path, stage: str
) -> None:
    metrics = evaluate(tester, tmp_path, stage, range(7))
    names = ["balanced_accuracy", "loss", "accuracy", "auroc", "f1_macro", "ece"]
    names += ["recall_bcc", "recall_mel", "recall_nv"]
    assert list(metrics) == [f"{stage}/{name}" for name in names]
    assert list(tester.outputs) == [stage]


def test_a_second_evaluation_starts_from_nothing(tester: SkinLesionTester, tmp_path: Path) -> None:
    evaluate(tester, tmp_path, "val", range(7))
    metrics = evaluate(tester, tmp_path, "val", [0, 1])
    assert tester.outputs["val"].indices.tolist() == [0, 1]
    assert metrics["val/loss"] == pytest.approx(F.cross_entropy(LOGITS[:2], LABELS[:2]).item(), abs=1e-6)


def test_a_class_without_images_has_no_recall_and_does_not_count(
    tester: SkinLesionTester, tmp_path: Path
) -> None:
    metrics = evaluate(tester, tmp_path, "test", [0, 1, 4, 5])  # no nv
    assert math.isnan(metrics["test/recall_nv"])
    expected = (metrics["test/recall_bcc"] + metrics["test/recall_mel"]) / 2
    assert metrics["test/balanced_accuracy"] == pytest.approx(expected)


class TopLeft(nn.Module):
    """Says of an image what its top left pixel says."""

    def forward(self, images: Tensor) -> Tensor:
        return images[:, :, 0, 0]


def test_averaged_views_stand_beside_the_plain_ones(tmp_path: Path) -> None:
    images = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(2))
    data = DataLoader(TensorDataset(images, LABELS[:5], torch.arange(5)), batch_size=2)
    trainer = build_trainer(
        "32-true", "cpu", False, (), None, tmp_path, devices=1, enable_model_summary=False
    )
    tester = SkinLesionTester(TopLeft(), NAMES, tta="flips")
    (metrics,) = trainer.test(tester, data, verbose=False)
    probabilities = images.softmax(dim=1)
    torch.testing.assert_close(tester.outputs["test"].probabilities, probabilities[:, :, 0, 0])
    torch.testing.assert_close(tester.outputs["test_tta"].probabilities, probabilities.mean(dim=(2, 3)))
    right = probabilities.mean(dim=(2, 3)).argmax(dim=1) == LABELS[:5]
    assert metrics["test_tta/accuracy"] == pytest.approx(right.double().mean().item())
