import logging
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.sources import Source, folder, ham10000, synthetic
from lightning_skin.data.split import assign_splits
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

REPOSITORY = Path(__file__).parents[2]
HAM10000 = Path(os.environ.get("LIGHTNING_SKIN_DATA", REPOSITORY.parent / "shared" / "data"), "ham10000")


def rows(source: Source, *columns: str) -> list[tuple[str, ...]]:
    """The named columns, row by row, sorted."""
    return sorted(zip(*(source.table[column] for column in columns), strict=True))


@pytest.fixture
def archive(tmp_path: Path, write_image: WriteImage) -> Path:
    """HAM10000's layout: two parts of images, a folder of masks, a table."""
    for name in ("part_1/a.jpg", "part_1/b.jpg", "part_2/c.jpg", "masks/a_segmentation.png"):
        write_image(tmp_path / name)
    (tmp_path / "HAM10000_metadata.csv").write_text(
        "lesion_id,image_id,dx,dx_type,age,sex,localization\n"
        "L1,a,mel,histo,40,male,back\nL1,b,mel,histo,40,male,back\nL2,c,nv,consensus,,female,face\n"
    )
    return tmp_path


def test_class_folders_give_labels(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("mel/a.jpg", "nv/b.jpg", "nv/clinic/c.jpg"):
        write_image(tmp_path / name)
    source = folder(str(tmp_path), None)
    assert source.root == tmp_path.resolve()
    assert rows(source, "path", "label", "split", "group") == [
        ("mel/a.jpg", "mel", "", ""),
        ("nv/b.jpg", "nv", "", ""),
        ("nv/clinic/c.jpg", "nv", "", ""),
    ]


@pytest.mark.parametrize("val", ["val", "valid", "Validation"])
def test_split_folders_give_labels_and_splits(tmp_path: Path, write_image: WriteImage, val: str) -> None:
    for split in ("Train", val, "test"):
        for label in ("mel", "nv"):
            write_image(tmp_path / split / label / f"{split}.jpg")
    assert rows(folder(str(tmp_path), None), "split", "label", "path") == sorted(
        (name, label, f"{split}/{label}/{split}.jpg")
        for split, name in (("Train", "train"), (val, "val"), ("test", "test"))
        for label in ("mel", "nv")
    )


def test_flat_folder_takes_labels_from_its_table(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("a.jpg", "b.jpg"):
        write_image(tmp_path / name)
    (tmp_path / "metadata.csv").write_text("image_id,lesion_id,dx\na,L1,mel\nb,L2,nv\n")
    expected = [("a.jpg", "mel", "L1"), ("b.jpg", "nv", "L2")]
    assert rows(folder(str(tmp_path), None), "path", "label", "group") == expected


def test_table_beside_no_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text("image_id,dx\na,mel\n")
    with pytest.raises(InputError, match="holds no images"):
        folder(str(tmp_path), None)


def test_class_folders_take_groups_from_a_named_table(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("images/x/a.jpg", "images/y/b.jpg"):
        write_image(tmp_path / name)
    table = tmp_path / "patients.csv"
    table.write_text("image_id,lesion_id\na,L1\nb,L2\n")
    source = folder(str(tmp_path / "images"), str(table))
    assert rows(source, "path", "label", "group") == [("x/a.jpg", "x", "L1"), ("y/b.jpg", "y", "L2")]


def test_root_is_relative_to_the_working_directory(
    tmp_path: Path, write_image: WriteImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("images/x/a.jpg", "images/y/b.jpg"):
        write_image(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert folder("images", None).root == (tmp_path / "images").resolve()


def test_missing_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent does not exist; set data\.root=FOLDER"):
        folder(str(tmp_path / "absent"), None)


def test_file_as_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images.zip").write_text("")
    with pytest.raises(InputError, match=r"images\.zip is not a folder; set data\.root=FOLDER"):
        ham10000(str(tmp_path / "images.zip"))


def test_empty_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is empty; set data\.root=FOLDER"):
        folder(str(tmp_path), None)


def test_flat_folder_without_table_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=r"holds no class folders.*data\.metadata=TABLE"):
        folder(str(tmp_path), None)


def test_class_folder_without_images_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "mel" / "a.jpg")
    (tmp_path / "nv").mkdir()
    with pytest.raises(InputError, match=r"class folder .*nv holds no images; fill it or remove it"):
        folder(str(tmp_path), None)


def test_a_folder_of_images_and_one_of_masks_are_no_classes(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "images" / "mel" / "a.jpg")
    write_image(tmp_path / "masks" / "a.png")
    with pytest.raises(InputError, match=r"holds the folder images, which is no class; .*use data=ham10000"):
        folder(str(tmp_path), None)


def test_single_class_folder_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    for label in ("mel", "nv"):
        write_image(tmp_path / "lesions" / label / "a.jpg")
    with pytest.raises(
        InputError, match=r"single class folder lesions.*do the class folders lie in .*lesions\?"
    ):
        folder(str(tmp_path), None)


def test_split_folder_without_class_folders_is_refused(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "train" / "a.jpg")
    with pytest.raises(
        InputError, match="train holds no class folders, expected one folder of images per class"
    ):
        folder(str(tmp_path), None)


def test_ham10000_finds_images_by_their_id(archive: Path) -> None:
    source = ham10000(str(archive))
    assert rows(source, "path", "label", "group", "mask", "sex") == [
        ("part_1/a.jpg", "mel", "L1", "masks/a_segmentation.png", "male"),
        ("part_1/b.jpg", "mel", "L1", "", "male"),
        ("part_2/c.jpg", "nv", "L2", "", "female"),
    ]
    assert "dx_type" not in source.table


def test_ham10000_reports_missing_images(archive: Path, caplog: pytest.LogCaptureFixture) -> None:
    (archive / "part_2" / "c.jpg").unlink()
    with caplog.at_level(logging.WARNING):
        assert len(ham10000(str(archive)).table) == 2
    assert "1 of the 3 images" in caplog.text


def test_ham10000_without_table_is_refused(archive: Path) -> None:
    (archive / "HAM10000_metadata.csv").unlink()
    with pytest.raises(InputError, match=r"no metadata table, expected HAM10000_metadata\.csv in it"):
        ham10000(str(archive))


def test_ham10000_without_any_named_image_is_refused(archive: Path) -> None:
    (archive / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx\nL1,x,mel\nL2,y,nv\n")
    with pytest.raises(InputError, match=r"holds none of the 2 images that HAM10000_metadata\.csv names"):
        ham10000(str(archive))


def test_synthetic_lesions_are_drawn_and_read(tmp_path: Path) -> None:
    source = synthetic(str(tmp_path / "new"), lesions=4, size=32, seed=0)
    assert source.table["group"].nunique() == 4
    assert all((source.root / path).is_file() for path in [*source.table["path"], *source.table["mask"]])


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
def test_ham10000_is_split_by_lesion_in_its_shares() -> None:
    table = ham10000(str(HAM10000)).table
    fractions = (0.7, 0.15, 0.15)
    splits = assign_splits(table["label"].tolist(), table["group"].tolist(), fractions, seed=0)
    assert len(splits) == 10_015
    assert len(set(zip(table["group"], splits, strict=True))) == table["group"].nunique() == 7_470
    counts = Counter(zip(table["label"], splits, strict=True))
    shares = [
        [counts[label, split] / total for split in ("train", "val", "test")]
        for label, total in table["label"].value_counts().items()
    ]
    assert np.abs(np.array(shares) - fractions).max() < 0.015


def test_split_folders_beside_class_folders_are_refused(tmp_path: Path, write_image: WriteImage) -> None:
    for name in ("mel", "nv", "train", "test"):
        write_image(tmp_path / name / "0.png")
    with pytest.raises(InputError, match=r"holds the split folder\(s\) test, train beside mel, nv"):
        folder(str(tmp_path), None)
