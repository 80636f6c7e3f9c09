import shutil
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.errors import InputError


def new_manifest(root: Path, prefix: str = "images") -> Manifest:
    """Two classes of ten images, split 6 : 2 : 2."""
    splits = ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    table = pd.DataFrame(
        [
            (
                f"{prefix}/{label}_{number}.png",
                label,
                split,
                f"lesion_{number // 2}",
                f"{label}{number}",
                24,
                16,
            )
            for label in ("NA", "null")
            for number, split in enumerate(splits)
        ],
        columns=["path", "label", "split", "group", "content_hash", "width", "height"],
    )
    return Manifest(root, table)


def test_classes_are_sorted(tmp_path: Path) -> None:
    assert new_manifest(tmp_path).class_names == ("NA", "null")


def test_rows_are_those_of_one_split(tmp_path: Path) -> None:
    manifest = new_manifest(tmp_path)
    val = manifest.rows("val")
    assert set(val["split"]) == {"val"}
    assert val.index.tolist() == [0, 1, 2, 3]
    assert sum(len(manifest.rows(split)) for split in ("train", "val", "test")) == 20


def test_hash_is_independent_of_order(tmp_path: Path) -> None:
    manifest = new_manifest(tmp_path)
    shuffled = Manifest(manifest.root, manifest.table.sample(frac=1, random_state=0))
    assert shuffled.hash == manifest.hash


@pytest.mark.parametrize("column", ["path", "label", "split", "group", "content_hash"])
def test_hash_changes_with_what_decides_a_run(tmp_path: Path, column: str) -> None:
    manifest = new_manifest(tmp_path)
    changed = manifest.table.copy()
    changed.loc[3, column] = "other"
    assert Manifest(tmp_path, changed).hash != manifest.hash


@pytest.mark.parametrize("prefix", ["images", 'ä "b", c', "null"])
def test_manifest_survives_writing_and_reading(tmp_path: Path, prefix: str) -> None:
    manifest = new_manifest(tmp_path / "images, with a comma", prefix)
    manifest.write(tmp_path / "manifest.csv")
    again = read_manifest(tmp_path / "manifest.csv")
    assert (again.root, again.class_names) == (manifest.root, ("NA", "null"))
    assert again.hash == manifest.hash
    pd.testing.assert_frame_equal(again.table, manifest.table.astype(str), check_dtype=False)


def test_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv does not exist; name the data with"):
        read_manifest(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    "content",
    [b"", b"path,label\na.png,mel\n", b"# root: /\npath,label\na.png,mel\n", b"\xff\xfe\x00", b"\n"],
)
def test_file_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"manifest\.csv is not a manifest"):
        read_manifest(path)


def test_folder_in_place_of_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a manifest"):
        read_manifest(tmp_path)


def test_images_are_required_where_they_were(tmp_path: Path) -> None:
    manifest = new_manifest(tmp_path / "images")
    (tmp_path / "images").mkdir()
    manifest.require_root()
    shutil.rmtree(tmp_path / "images")
    with pytest.raises(InputError, match="the folder of the run's images, is gone; name it with data=folder"):
        manifest.require_root()
