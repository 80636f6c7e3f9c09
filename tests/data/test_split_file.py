import logging
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.manifest import Manifest
from lightning_skin.data.split_file import kept_splits
from lightning_skin.errors import InputError

ROOT = Path("/data/images").absolute()


def table(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["path", "group", "content_hash"])


IMAGES = table(("a.png", "l1", "A"), ("b.png", "l2", "B"), ("c.png", "l3", "C"), ("new.png", "l4", "N"))


def written(folder: Path, text: str) -> Path:
    path = folder / "split.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_images_keep_the_split_of_their_path(tmp_path: Path) -> None:
    file = written(tmp_path, "path,split\nb.png,test\na.png,train\nc.png,val\n")
    assert kept_splits(file, ROOT, IMAGES).tolist() == ["train", "test", "val", ""]


def test_a_manifest_can_be_read(tmp_path: Path) -> None:
    before = IMAGES[:3].assign(label="nv", split=["train", "val", "test"])
    Manifest(ROOT, before).write(tmp_path / "manifest.csv")
    assert kept_splits(tmp_path / "manifest.csv", ROOT, IMAGES).tolist() == ["train", "val", "test", ""]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_names_of_splits_are_understood(tmp_path: Path, separator: str) -> None:
    text = "split,path\nTrain,a.png\nvalidation,b.png\nTEST,c.png\n".replace(",", separator)
    assert kept_splits(written(tmp_path, text), ROOT, IMAGES).tolist() == ["train", "val", "test", ""]


def test_absolute_paths_are_those_below_the_root(tmp_path: Path) -> None:
    file = written(tmp_path, f"path,split\n{(ROOT / 'c.png').as_posix()},val\n")
    assert kept_splits(file, ROOT, IMAGES).tolist() == ["", "", "val", ""]


def test_a_renamed_file_is_known_by_its_content(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = written(tmp_path, "path,split,content_hash\nold_name.png,test,B\na.png,train,A\n")
    with caplog.at_level(logging.WARNING):
        assert kept_splits(file, ROOT, IMAGES).tolist() == ["train", "test", "", ""]
    assert caplog.text == ""


def test_the_path_counts_more_than_the_content(tmp_path: Path) -> None:
    file = written(tmp_path, "path,split,content_hash\na.png,train,A\nb.png,test,A\n")
    assert kept_splits(file, ROOT, IMAGES).tolist() == ["train", "test", "", ""]


def test_a_new_image_of_a_known_group_follows_it(tmp_path: Path) -> None:
    file = written(tmp_path, "path,split,group\ngone.png,test,l4\na.png,train,\n")
    assert kept_splits(file, ROOT, IMAGES).tolist() == ["train", "", "", "test"]


def test_an_unknown_value_of_the_file_matches_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "path,split,group,content_hash\na.png,train,,\n")
    images = table(("a.png", "l1", "A"), ("b.png", "", ""))
    assert kept_splits(file, ROOT, images).tolist() == ["train", ""]


def test_images_that_are_gone_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = "".join(f"gone_{number}.png,train\n" for number in range(7))
    file = written(tmp_path, f"path,split\na.png,train\n{rows}")
    with caplog.at_level(logging.WARNING):
        kept_splits(file, ROOT, IMAGES)
    assert f"7 of the 8 images that {file} names are gone: gone_0.png, gone_1.png" in caplog.text
    assert "gone_4.png, ..." in caplog.text
    assert "gone_5.png" not in caplog.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.png,nv\n", r"split\.csv has no column split but path, label; rename them"),
        ("image,fold\na.png,1\n", r"has no column path and no column split but image, fold"),
        ("path,split\na.png,0\nb.png,\n", r"2 row\(s\) .* split \(0, none\) other .*: a\.png, b\.png"),
        ("path,split\na.png,val\na.png,val\n", r"1 row\(s\) of .* name an image a second time.*: a\.png"),
        ("path,split\nz.png,val\n", r"names none of the 4 images: its first path is z\.png, theirs a\.png"),
        ("path,split\n", r"split\.csv has no rows"),
        ("# root: /data/images\npath,split\na.png,val\n", r"split\.csv is not a manifest"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        kept_splits(written(tmp_path, text), ROOT, IMAGES)


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv does not exist; set data\.split_file=FILE"):
        kept_splits(tmp_path / "none.csv", ROOT, IMAGES)
