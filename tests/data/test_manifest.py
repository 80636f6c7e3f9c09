"""The manifest: checked images, joined copies, a hash, and a file."""

import logging
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.manifest import (
    Manifest,
    build_manifest,
    build_test_manifest,
    join_copies,
    read_manifest,
)
from lightning_skin.data.sources import Source, folder
from lightning_skin.errors import InputError

WriteImages = Callable[..., list[Path]]
FRACTIONS = (0.6, 0.2, 0.2)


@pytest.fixture
def root(tmp_path: Path, write_images: WriteImages) -> Path:
    for label in ("mel", "nv"):
        write_images(tmp_path / "root" / label, 10)
    return tmp_path / "root"


def built(root: Path, on_broken: str = "skip", seed: int = 0) -> Manifest:
    return build_manifest(folder(str(root), None), FRACTIONS, seed, on_broken)


def test_every_image_has_a_row_with_its_size_and_split(root: Path) -> None:
    manifest = built(root)
    assert len(manifest.table) == 20
    assert set(zip(manifest.table["width"], manifest.table["height"], strict=True)) == {(8, 6)}
    assert [len(manifest.rows(split)) for split in ("train", "val", "test")] == [12, 4, 4]
    assert manifest.class_names == ("mel", "nv")


def test_a_broken_image_is_named_and_skipped(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "nv" / "image_3.png").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        manifest = built(root)
    assert len(manifest.table) == 19
    assert "nv/image_3.png: the file is empty" in caplog.text


def test_a_broken_image_stops_the_run_by_choice(root: Path) -> None:
    (root / "nv" / "image_3.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"1 image\(s\) cannot be read, the first is .*image_3.png"):
        built(root, on_broken="fail")


def test_a_class_of_broken_images_only_is_named(root: Path) -> None:
    for path in (root / "nv").iterdir():
        path.write_bytes(b"")
    with pytest.raises(InputError, match="class nv has no image that can be read"):
        built(root)


def test_copies_stay_together_whatever_their_names(root: Path) -> None:
    original = (root / "nv" / "image_0.png").read_bytes()
    for number in range(8):
        (root / "nv" / f"copy_{number}.png").write_bytes(original)
    table = built(root).table
    copies = table[table["path"].str.contains("copy|nv/image_0")]
    assert len(copies) == 9
    assert copies["split"].nunique() == 1


def test_a_copy_joins_two_whole_groups() -> None:
    groups = join_copies(["a", "a", "b", "b", "c"], ["1", "2", "2", "3", "4"])
    assert groups == ["a", "a", "a", "a", "c"]


def test_the_hash_depends_on_content_not_on_order(root: Path) -> None:
    manifest = built(root)
    shuffled = Manifest(manifest.root, manifest.table.sample(frac=1, random_state=0))
    assert shuffled.hash == manifest.hash
    assert built(root, seed=1).hash != manifest.hash


def test_a_written_manifest_reads_back_alike(root: Path, tmp_path: Path) -> None:
    manifest = built(root)
    manifest.write(tmp_path / "manifest.csv")
    again = read_manifest(tmp_path / "manifest.csv")
    assert again.hash == manifest.hash
    assert again.root == manifest.root


def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is not a manifest"):
        read_manifest(tmp_path / "manifest.csv")
    with pytest.raises(InputError, match="does not exist"):
        read_manifest(tmp_path / "gone.csv")


def given(root: Path, splits: list[str]) -> Source:
    table = folder(str(root), None).table
    return Source(root, table.assign(split=pd.Series(splits * (len(table) // len(splits)))))


def test_a_given_split_is_kept(root: Path) -> None:
    source = given(root, ["train", "train", "val", "test", "train"])
    manifest = build_manifest(source, FRACTIONS, 0, "fail")
    assert dict(zip(manifest.table["path"], manifest.table["split"], strict=True)) == dict(
        zip(source.table["path"], source.table["split"], strict=True)
    )


def test_a_missing_val_is_taken_from_train(root: Path) -> None:
    manifest = build_manifest(given(root, ["train", "train", "train", "train", "test"]), FRACTIONS, 0, "fail")
    assert [len(manifest.rows(split)) for split in ("train", "val", "test")] == [12, 4, 4]


def test_a_missing_test_split_is_said(root: Path) -> None:
    with pytest.raises(InputError, match="has no test images"):
        build_manifest(given(root, ["train", "val"]), FRACTIONS, 0, "fail")


def test_data_for_testing_is_all_test_unless_it_has_a_test_split(root: Path) -> None:
    assert len(build_test_manifest(folder(str(root), None), "fail").rows("test")) == 20
    assert len(build_test_manifest(given(root, ["train", "val", "test", "test"]), "fail").rows("test")) == 10
