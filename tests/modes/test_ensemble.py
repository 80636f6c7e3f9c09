"""Which checkpoints can be tested as one, and on what."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import CHECKPOINT_KEY
from lightning_skin.modes.ensemble import plan_ensemble

NewData = Callable[..., SkinLesionDataModule]
NewVariant = Callable[..., Path]
SWAPPED = {"val": "test", "test": "val"}


def best(run: Path) -> Path:
    return run / "checkpoints" / "best.ckpt"


def test_one_checkpoint_is_no_ensemble(trained: Path, new_data: NewData) -> None:
    alone = plan_ensemble(new_data(None), [best(trained)])
    assert (len(alone.members), alone.title) == (1, None)
    assert len(alone.manifest.table) == 30
    assert alone.train_counts == [6, 6, 6]


def test_members_with_one_test_split_are_one_round(
    trained: Path, new_variant: NewVariant, new_data: NewData, tmp_path: Path
) -> None:
    # Validation images may have been trained on: what counts is the test split.
    other = new_variant(tmp_path / "other", splits={"val": "train"})
    ensemble = plan_ensemble(new_data(None), [best(trained), best(other)])
    assert [len(members) for members in ensemble.rounds] == [2]
    assert ensemble.title == "Ensemble of 2"


def test_members_with_disjoint_test_splits_of_the_same_images_are_rounds(
    trained: Path,
    new_variant: NewVariant,
    new_data: NewData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = [trained, *(new_variant(tmp_path / name, splits=SWAPPED) for name in "ab")]
    with caplog.at_level("INFO"):
        ensemble = plan_ensemble(new_data(None), [best(run) for run in runs])
    assert [len(members) for members in ensemble.rounds] == [1, 2]
    assert ensemble.title == "Out of fold, 2 rounds"
    assert "3 checkpoints have 2 test splits without a common image" in caplog.text
    pooled = ensemble.manifest
    assert (len(pooled.table), set(pooled.table["split"])) == (12, {"test"})
    assert ensemble.train_counts == [18, 18, 18]


def test_rounds_are_averaged_on_images_that_are_named(
    trained: Path,
    images: Path,
    new_variant: NewVariant,
    new_data: NewData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    every = {"val": "train", "test": "train"}
    runs = [trained, new_variant(tmp_path / "all", splits=every)]
    ensemble = plan_ensemble(new_data(images), [best(run) for run in runs])
    assert ensemble.title == "Ensemble of 2"
    assert "none is left to judge the ensemble by" in caplog.text


def test_overlapping_test_splits_are_refused(
    trained: Path, new_variant: NewVariant, new_data: NewData, tmp_path: Path
) -> None:
    other = new_variant(tmp_path / "other", splits={"val": "test"})
    with pytest.raises(InputError, match=r"differ, and 6 image\(s\) are in both; name images to test all"):
        plan_ensemble(new_data(None), [best(trained), best(other)])


def test_runs_on_different_data_are_refused(
    trained: Path, new_variant: NewVariant, new_data: NewData, tmp_path: Path
) -> None:
    other = new_variant(tmp_path / "other")
    own = read_manifest(other / "manifest.csv")
    Manifest(own.root, own.table.assign(content_hash="x" + own.table["content_hash"])).write(
        other / "manifest.csv"
    )
    with pytest.raises(InputError, match="come from different data; name images"):
        plan_ensemble(new_data(None), [best(trained), best(other)])


def test_other_classes_are_refused(
    trained: Path, new_variant: NewVariant, new_data: NewData, tmp_path: Path
) -> None:
    other = best(new_variant(tmp_path / "other"))
    content = torch.load(other, weights_only=True)
    content[CHECKPOINT_KEY] |= {"class_names": ["bkl", "mel", "vasc"], "calibration": None}
    torch.save(content, other)
    with pytest.raises(InputError, match=r"has the classes bkl, mel, vasc, but .* has bkl, mel, nv; only"):
        plan_ensemble(new_data(None), [best(trained), other])


def test_a_damaged_member_is_named_before_any_is_tested(
    trained: Path, new_variant: NewVariant, new_data: NewData, tmp_path: Path
) -> None:
    other = best(new_variant(tmp_path / "other"))
    other.write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match=r"other/checkpoints/best\.ckpt is no checkpoint"):
        plan_ensemble(new_data(None), [best(trained), other])
