"""What the rules accept; how a refusal reads is tested in test_check.py."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from lightning_skin.cli.rules import PLACEHOLDERS, REFERENCES, RULES

NAN, INF = float("nan"), float("inf")

ACCEPTED = {
    "seed": [0, 2**32 - 1],
    "data.fractions": [[0.7, 0.1, 0.2], [1 / 3, 1 / 3, 1 / 3]],
    "data.batch_size": [1, 4096],
    "data.image_size": [8, 224, 4096],
    "data.num_workers": [None, 0, 64],
    "data.malignant": [None, ["mel"], ["bcc", "mel"]],
    "data.cache": ["none", "memmap", "jpeg"],
    "data.augmentation.hue": [0, 0.5],
    "data.augmentation.shear": [0, 45],
    "data.augmentation.magnitude": [0, 30],
    "data.erasing": [0, 0.25, 1],
    "data.erasing_area": [[0.02, 0.2], [0.1, 0.1], [0.5, 1]],
    "data.mixing": ["none", "mixup", "cutmix", "both"],
    "data.mixup_alpha": [0.2, 1],
    "data.colour_constancy": ["none", "shades_of_grey"],
    "data.border_crop": ["none", "frame", "corners"],
    "monitor": ["val/balanced_accuracy", "val/auroc", "val/recall_mel"],
    "data.labels": [None, {"melanoma": "mel", "unknown": None}],
    "data.augmentation.min_scale": [0.01, 1],
    "model.dropout": [0, 0.5, 0.999],
    "model.hidden": [None, 1],
    "model.transfer.cached_views": [None, 1, 8],
    "model.transfer.lr_decay": [0.01, 1],
    "model.optimizer.lr": [1e-8, 1, 100.0],
    "model.optimizer.weight_decay": [0, 0.05],
    "model.scheduler.factor": [0.1, 0.9],
    "model.loss.class_weights": ["none", "balanced", {}, {"mel": 3}],
    "trainer.devices": ["auto", -1, 1, 8, [0], [1, 3], "0", "0,1"],
    "trainer.precision": ["auto", "32-true", "bf16-mixed", "16", 16, 64],
    "trainer.limit_test_batches": [None, 1, 12, 0.5, 1.0],
    "trainer.overfit_batches": [0, 0.0, 3, 1.0],
    "trainer.max_time": [None, "00:12:00:00", "100:00:00:00"],
    "trainer.fast_dev_run": [True, False, 0, 2],
    "callbacks.early_stopping.patience": [0, 15],
    "explain.method": ["gradcam", "gradcam++", "eigencam"],
    "explain.max_images": [None, 1],
    "ckpt_path": [["run", "other/best.ckpt"]],
    "model.metadata": [None, ["age"], ["site", "age", "sex"]],
    "test.tta": ["none", "flips", "dihedral"],
}
REFUSED = {
    "ckpt_path": [[], [1], [None], [""]],
    "model.metadata": [[], ["dx_type"], ["age", "age"], "age"],
    "test.tta": [None, True, 8, "d4"],
    "seed": [-1, 2**32, 0.0, True, "0", None],
    "data.fractions": [
        [0.7, 0.3],
        [0.7, 0.1, 0.1, 0.1],
        [0.7, 0.1, 0.1],
        [0.8, 0.2, 0],
        [1.1, -0.1, 0],
        [NAN, 0.5, 0.5],
        "0.7",
    ],
    "monitor": ["val/loss", "val/ece", "test/accuracy", "val/recall_", "balanced_accuracy"],
    "data.batch_size": [0, -8, 2.5, 8.0, "8", True, None],
    "data.image_size": [7, 4097, 64.0, "64"],
    "data.num_workers": [-1, 0.5],
    "data.labels": [{}, {"melanoma": ""}, {"melanoma": 1}, ["mel"], "mel"],
    "data.malignant": [[], "mel", ["mel", "mel"], [""], {"mel": True}],
    "data.cache": [None, True, "png"],
    "data.cache_dir": ["", None],
    "data.augmentation.hue": [-0.1, 0.51],
    "data.augmentation.shear": [-1, 46],
    "data.augmentation.magnitude": [31, -1, 9.5],
    "data.erasing": [-0.1, 1.1, None],
    "data.erasing_area": [[0.2, 0.02], [0, 0.2], [0.1, 1.2], [0.2], 0.2],
    "data.mixing": [None, True, "mix", "mixup+cutmix"],
    "data.mixup_alpha": [0, -1],
    "data.colour_constancy": [None, True, "grey_world"],
    "data.border_crop": [None, False, "circle"],
    "data.augmentation.min_scale": [0, 1.01],
    "model.dropout": [-0.01, 1, 1.5, NAN, "0.5", None],
    "model.hidden": [0, 1.5],
    "model.transfer.cached_views": [0, True, 1.5],
    "model.transfer.lr_decay": [0, 1.01],
    "model.optimizer.lr": [0, -1e-3, INF, NAN, "1e-3", True, None],
    "model.optimizer.weight_decay": [-0.1, INF],
    "model.scheduler.factor": [0, 1],
    "model.loss.class_weights": ["equal", {"mel": 0}, {"mel": "3"}, [1, 2], None],
    "trainer.devices": [0, -2, 1.5, "all", "0,", "-1", [-1], True, None],
    "trainer.precision": ["bf17", 8, "fp32", True, None],
    "trainer.limit_test_batches": [0, -1, 0.0, 1.5, True],
    "trainer.overfit_batches": [-1, 1.5],
    "trainer.max_time": ["12:00", "0:1:2:3", 3600],
    "trainer.fast_dev_run": [-1, "yes", 0.5],
    "callbacks.early_stopping.patience": [-1, 1.5, None],
    "explain.method": ["GradCAM", "", None],
    "explain.max_images": [0, 2.5],
}


def pairs(values: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(key, value) for key, listed in values.items() for value in listed]


def validate(key: str, value: object) -> object:
    return TypeAdapter(RULES[key], config=ConfigDict(strict=True)).validate_python(value)


@pytest.mark.parametrize(("key", "value"), pairs(ACCEPTED), ids=str)
def test_a_value_in_range_is_accepted_unchanged(key: str, value: object) -> None:
    assert validate(key, value) == value


@pytest.mark.parametrize(("key", "value"), pairs(REFUSED), ids=str)
def test_a_value_out_of_range_or_of_another_type_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        validate(key, value)


@pytest.mark.parametrize("key", ["ckpt_path", "images"])
def test_what_is_read_must_exist(key: str, tmp_path: Path) -> None:
    assert validate(key, str(tmp_path)) == str(tmp_path)
    assert validate(key, None) is None
    with pytest.raises(ValidationError):
        validate(key, str(tmp_path / "gone"))


def test_the_shares_may_miss_one_by_a_rounding_error_only() -> None:
    assert validate("data.fractions", [0.1 + 0.2, 0.6, 0.1])
    with pytest.raises(ValidationError):
        validate("data.fractions", [0.7, 0.2, 0.1 - 1e-5])


def test_references_are_not_checked_a_second_time() -> None:
    assert [key for key in RULES if key.startswith(tuple(f"{name}." for name in REFERENCES))] == []


def test_every_placeholder_stands_for_a_key() -> None:
    assert set(PLACEHOLDERS) <= set(RULES)
