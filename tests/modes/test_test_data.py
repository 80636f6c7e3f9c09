"""What a checkpoint is tested on, and what of it is not new."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import Checkpoint, read_checkpoint
from lightning_skin.modes.test_data import use_test_data

NewData = Callable[..., SkinLesionDataModule]
WriteImage = Callable[..., Path]


@pytest.fixture(scope="module")
def checkpoint(trained: Path) -> Checkpoint:
    return read_checkpoint(trained / "checkpoints" / "best.ckpt")


def test_its_own_test_split_was_not_trained_on(
    checkpoint: Checkpoint, new_data: NewData, caplog: pytest.LogCaptureFixture
) -> None:
    data = new_data(None)
    use_test_data(data, checkpoint)
    assert len(data.manifest.rows("test")) == 6
    assert "trained on" not in caplog.text


def test_a_manifest_of_another_split_is_not_trusted_silently(
    checkpoint: Checkpoint,
    trained: Path,
    new_data: NewData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = read_manifest(trained / "manifest.csv")
    swapped = own.table["split"].replace({"train": "test", "test": "train"})
    Manifest(own.root, own.table.assign(split=swapped)).write(tmp_path / "manifest.csv")
    moved = checkpoint._replace(path=tmp_path / "checkpoints" / "best.ckpt")
    use_test_data(new_data(None), moved)
    assert "manifest.csv is not what the checkpoint was trained on, or has been changed" in caplog.text


def test_images_are_known_whatever_their_names(
    checkpoint: Checkpoint,
    trained: Path,
    new_data: NewData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    manifest = read_manifest(trained / "manifest.csv")
    for number, path in enumerate(manifest.rows("train")["path"].iloc[[0, 7, 14]]):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(manifest.root / path, (tmp_path / path).with_name(f"other_{number}.png"))
    use_test_data(new_data(tmp_path), checkpoint)
    assert "3 of the 3 test images were trained on; none is left to judge the network by" in caplog.text


def test_images_of_lesions_trained_on_are_counted_apart(
    checkpoint: Checkpoint,
    trained: Path,
    new_data: NewData,
    tmp_path: Path,
    write_image: WriteImage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    own = read_manifest(trained / "manifest.csv")
    Manifest(own.root, own.table.assign(group="HAM_" + own.table["path"])).write(run / "manifest.csv")
    for number in range(2):
        write_image(tmp_path / "others" / f"{number}.png")
    (tmp_path / "others" / "metadata.csv").write_text(
        f"image_id,dx,lesion_id\n0,mel,HAM_{own.rows('train')['path'].iloc[0]}\n1,nv,other\n"
    )
    data = new_data(tmp_path / "others")
    use_test_data(data, checkpoint._replace(path=run / "checkpoints" / "best.ckpt"))
    assert "1 of the 2 test images were not trained on, but others of their lesion or patient" in caplog.text
    assert "were trained on;" not in caplog.text


@pytest.mark.parametrize(("folds", "fold", "split_file"), [(5, 0, None), (None, None, "old.csv")])
def test_a_way_to_split_is_refused(
    checkpoint: Checkpoint, images: Path, new_data: NewData, folds: int, fold: int, split_file: str
) -> None:
    settings = SplitSettings((0.6, 0.2, 0.2), 0, folds, fold, split_file, False)
    with pytest.raises(InputError, match=r"data\.folds and data\.split_file divide images for training"):
        use_test_data(new_data(images, split=settings), checkpoint)


def test_the_images_of_the_run_may_be_gone_where_others_are_tested(
    checkpoint: Checkpoint, trained: Path, images: Path, new_data: NewData, tmp_path: Path
) -> None:
    moved = Manifest(tmp_path / "gone", read_manifest(trained / "manifest.csv").table)
    moved.write(tmp_path / "manifest.csv")
    elsewhere = checkpoint._replace(path=tmp_path / "checkpoints" / "best.ckpt")
    use_test_data(new_data(images), elsewhere)
    with pytest.raises(InputError, match="the folder of the run's images, is gone"):
        use_test_data(new_data(None), elsewhere)


def test_of_data_with_a_test_folder_only_that_is_tested(
    checkpoint: Checkpoint, new_data: NewData, tmp_path: Path, write_image: WriteImage
) -> None:
    for split, count in (("train", 3), ("val", 1), ("test", 2)):
        for name in ("mel", "nv"):
            for number in range(count):
                write_image(tmp_path / split / name / f"{split}_{number}.png")
    data = new_data(tmp_path)
    use_test_data(data, checkpoint)
    assert data.manifest.rows("test")["label"].tolist() == ["mel", "mel", "nv", "nv"]


def test_an_unknown_class_is_refused_by_name(
    checkpoint: Checkpoint, new_data: NewData, tmp_path: Path, write_image: WriteImage
) -> None:
    for name in ("df", "mel"):
        write_image(tmp_path / name / "0.png")
    with pytest.raises(
        InputError, match=r"holds the class\(es\) df, expected those of the checkpoint: bkl, mel, nv"
    ):
        use_test_data(new_data(tmp_path), checkpoint)


def test_the_preprocessing_is_that_of_the_checkpoint(
    checkpoint: Checkpoint, images: Path, new_data: NewData
) -> None:
    data = new_data(images, image_size=64)
    use_test_data(data, checkpoint)
    assert data.dataset("test")[0].pixels.shape == (32, 32, 3)


def test_a_checkpoint_without_its_run_asks_for_data(
    checkpoint: Checkpoint, new_data: NewData, tmp_path: Path
) -> None:
    alone = checkpoint._replace(path=tmp_path / "run" / "checkpoints" / "best.ckpt")
    with pytest.raises(InputError, match=r"manifest\.csv does not exist; name the data with data=folder"):
        use_test_data(new_data(None), alone)


def test_a_checkpoint_without_its_run_is_tested_on_named_data(
    checkpoint: Checkpoint,
    images: Path,
    new_data: NewData,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = new_data(images)
    use_test_data(data, checkpoint._replace(path=tmp_path / "run" / "checkpoints" / "best.ckpt"))
    assert len(data.manifest.rows("test")) == 30
    assert "nobody knows what it was trained on" in caplog.text
