import logging
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.ham10000 import ham10000
from lightning_skin.data.split import assign_splits
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

REPOSITORY = Path(__file__).parents[2]
HAM10000 = Path(os.environ.get("LIGHTNING_SKIN_DATA", REPOSITORY.parent / "shared" / "data"), "ham10000")

PART_1 = "HAM10000_images_part_1"
PART_2 = "HAM10000_images_part_2"
MASKS = "HAM10000_segmentations_lesion_tpl"
TABLE = (
    "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset\n"
    "L1,a,mel,histo,40,male,back,vidir_modern\n"
    "L1,b,mel,histo,40,male,back,vidir_modern\n"
    "L2,c,nv,consensus,,female,face,rosendahl\n"
)
EXPECTED = [("mel", "L1", "a"), ("mel", "L1", "b"), ("nv", "L2", "c")]


@pytest.fixture
def archive(tmp_path: Path, write_image: WriteImage) -> Path:
    """HAM10000's layout: two parts of images, a folder of masks, a table."""
    for name in (f"{PART_1}/a.jpg", f"{PART_1}/b.jpg", f"{PART_2}/c.jpg", f"{MASKS}/a_segmentation.png"):
        write_image(tmp_path / name)
    (tmp_path / "HAM10000_metadata.csv").write_text(TABLE)
    return tmp_path


def images(archive: Path) -> list[tuple[str, str, str]]:
    """Label, group and file of each image."""
    table = ham10000(str(archive)).table
    return sorted(
        zip(table["label"], table["group"], table["path"].map(lambda path: Path(path).stem), strict=True)
    )


def test_the_official_layout_is_read_with_all_that_is_known(archive: Path) -> None:
    source = ham10000(str(archive))
    assert source.root == archive.resolve()
    assert source.malignant == ("akiec", "bcc", "mel")
    assert source.table.sort_values("path").to_dict("list") == {
        "path": [f"{PART_1}/a.jpg", f"{PART_1}/b.jpg", f"{PART_2}/c.jpg"],
        "label": ["mel", "mel", "nv"],
        "split": ["", "", ""],
        "mask": [f"{MASKS}/a_segmentation.png", "", ""],
        "group": ["L1", "L1", "L2"],
        "age": ["40", "40", ""],
        "sex": ["male", "male", "female"],
        "site": ["back", "back", "face"],
        "source": ["vidir_modern", "vidir_modern", "rosendahl"],
    }


@pytest.mark.parametrize("name", ["HAM10000_metadata", "HAM10000_metadata.tab"])
def test_the_tables_of_dataverse_are_read(archive: Path, name: str) -> None:
    (archive / "HAM10000_metadata.csv").unlink()
    rows = [line.split(",") for line in TABLE.splitlines()]
    (archive / name).write_text("\n".join("\t".join(f'"{cell}"' for cell in row) for row in rows) + "\n")
    assert images(archive) == EXPECTED


def test_class_folders_beside_the_table_are_read(archive: Path) -> None:
    for label, part, name in (("mel", PART_1, "a"), ("mel", PART_1, "b"), ("nv", PART_2, "c")):
        (archive / "images" / label).mkdir(parents=True, exist_ok=True)
        (archive / part / f"{name}.jpg").rename(archive / "images" / label / f"{name}.jpg")
    assert images(archive) == EXPECTED


def test_a_class_folder_that_contradicts_the_table_is_refused(archive: Path, write_image: WriteImage) -> None:
    (archive / PART_2 / "c.jpg").unlink()
    write_image(archive / "mel" / "c.jpg")
    with pytest.raises(InputError, match=r"disagree on 1 image\(s\): mel/c\.jpg has dx nv; move the images"):
        ham10000(str(archive))


def test_linked_parts_are_followed(archive: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    for path in (PART_1, PART_2, "HAM10000_metadata.csv"):
        (linked / path).symlink_to(archive / path)
    assert images(linked) == EXPECTED


def test_a_second_copy_of_the_parts_is_taken_once(archive: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copytree(archive / PART_1, archive / "second" / PART_1)
    with caplog.at_level(logging.WARNING):
        assert images(archive) == EXPECTED
    assert "holds 2 image(s) more than once, which are taken once" in caplog.text


def test_another_image_of_the_same_name_is_refused(archive: Path, write_image: WriteImage) -> None:
    write_image(archive / PART_2 / "a.jpg", 64, 64)
    with pytest.raises(InputError, match=r"1 image\(s\) under one name in several sizes: .*keep one of each"):
        ham10000(str(archive))


def test_missing_images_and_those_of_no_row_are_reported(
    archive: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (archive / PART_2 / "c.jpg").rename(archive / PART_2 / "d.jpg")
    with caplog.at_level(logging.WARNING):
        assert images(archive) == EXPECTED[:2]
    assert "1 of the 3 images" in caplog.text
    assert "are missing: c;" in caplog.text
    assert f"no row for 1 image(s), which are left out: {PART_2}/d.jpg" in caplog.text


def test_a_folder_without_the_table_is_refused(archive: Path) -> None:
    (archive / "HAM10000_metadata.csv").unlink()
    with pytest.raises(
        InputError,
        match=rf"no metadata table but {PART_1}, {PART_2}, {MASKS}, expected HAM10000_metadata\.csv in it",
    ):
        ham10000(str(archive))


def test_a_table_of_other_images_is_refused(archive: Path) -> None:
    (archive / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx\nL1,x,mel\nL2,y,nv\n")
    with pytest.raises(InputError, match=r"holds none of the 2 images that HAM10000_metadata\.csv names"):
        ham10000(str(archive))


def test_images_without_a_diagnosis_are_refused(archive: Path) -> None:
    (archive / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx\nL1,a,\nL1,b,mel\nL2,c,nv\n")
    with pytest.raises(InputError, match=rf"gives no dx for 1 image\(s\): {PART_1}/a\.jpg; fill it in"):
        ham10000(str(archive))


@pytest.mark.real
@pytest.mark.skipif(not HAM10000.is_dir(), reason=f"{HAM10000} is absent; set LIGHTNING_SKIN_DATA")
def test_ham10000_is_split_by_lesion_in_its_shares() -> None:
    table = ham10000(str(HAM10000)).table
    assert (table["mask"] != "").all()
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
