import logging
import shutil
from collections import Counter
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

WriteImage = Callable[..., Path]

FRACTIONS = (0.6, 0.2, 0.2)


@pytest.fixture
def root(tmp_path: Path, write_image: WriteImage) -> Path:
    """Two classes of ten images."""
    top = tmp_path / "images"
    for label in ("mel", "nv"):
        for number in range(10):
            write_image(top / label / f"{label}_{number}.png")
    return top


@pytest.fixture
def split_root(tmp_path: Path, write_image: WriteImage) -> Path:
    """A train folder of two classes of ten images, a test folder of two classes of two."""
    top = tmp_path / "split"
    for split, count in (("train", 10), ("test", 2)):
        for label in ("mel", "nv"):
            for number in range(count):
                write_image(top / split / label / f"{split}_{label}_{number}.png")
    return top


def build(root: Path, seed: int = 0, on_broken: str = "skip", allow_leakage: bool = False) -> Manifest:
    return build_manifest(folder(str(root), None), FRACTIONS, seed, on_broken, allow_leakage)


def test_every_image_has_one_row_with_its_facts(root: Path) -> None:
    manifest = build(root)
    table = manifest.table
    assert table["path"].tolist() == sorted(f"{c}/{c}_{n}.png" for c in ("mel", "nv") for n in range(10))
    assert manifest.class_names == ("mel", "nv")
    assert set(zip(table["width"], table["height"], strict=True)) == {(24, 16)}
    assert table["group"].tolist() == table["path"].tolist()
    shares = {"train": 6, "val": 2, "test": 2}
    expected = {(label, split): count for label in ("mel", "nv") for split, count in shares.items()}
    assert Counter(zip(table["label"], table["split"], strict=True)) == expected


def test_rows_are_those_of_one_split(root: Path) -> None:
    manifest = build(root)
    val = manifest.rows("val")
    assert set(val["split"]) == {"val"}
    assert val.index.tolist() == [0, 1, 2, 3]
    assert sum(len(manifest.rows(split)) for split in ("train", "val", "test")) == 20


def test_broken_image_is_skipped_and_named(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = root / "mel" / "broken.png"
    broken.write_bytes(b"nothing")
    with caplog.at_level(logging.WARNING):
        manifest = build(root)
    assert len(manifest.table) == 20
    assert f"Skipped 1 image(s) that cannot be read: {broken}: it is not an image" in caplog.text


def test_truncated_jpeg_is_skipped(root: Path, write_image: WriteImage) -> None:
    path = write_image(root / "nv" / "truncated.jpg", 200, 150)
    path.write_bytes(path.read_bytes()[:-500])
    assert "nv/truncated.jpg" not in set(build(root).table["path"])


def test_many_broken_images_are_counted(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(7):
        (root / "nv" / f"broken_{number}.jpg").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        build(root)
    assert "Skipped 7 image(s)" in caplog.text
    assert "broken_4.jpg: the file is empty; and 2 more" in caplog.text


def test_broken_image_fails_by_choice(root: Path) -> None:
    (root / "mel" / "broken.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"1 image\(s\) cannot be read, the first is .*broken\.png"):
        build(root, on_broken="fail")


def test_class_of_broken_images_only_is_refused(root: Path) -> None:
    (root / "df").mkdir()
    (root / "df" / "broken.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match="class df has no image that can be read; repair its files"):
        build(root)


def test_copies_share_a_group_and_a_split(root: Path) -> None:
    for number in range(4):
        shutil.copy(root / "mel" / "mel_0.png", root / "mel" / f"copy_{number}.png")
    table = build(root).table
    copies = table[table["path"].str.contains("copy|mel_0")]
    assert len(copies) == 5
    assert set(copies["group"]) == {"mel/copy_0.png"}
    assert len(set(copies["split"])) == 1


def test_copies_join_the_groups_they_stand_in() -> None:
    groups = ["lesion_b", "lesion_b", "lesion_a", "lesion_c", "lesion_d"]
    hashes = ["1", "2", "2", "3", "3"]
    assert join_copies(groups, hashes) == ["lesion_a"] * 3 + ["lesion_c"] * 2


def test_hash_is_independent_of_order(root: Path) -> None:
    manifest = build(root)
    shuffled = Manifest(manifest.root, manifest.table.sample(frac=1, random_state=0))
    assert shuffled.hash == manifest.hash


def test_hash_is_independent_of_the_place_of_the_folder(root: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(root, tmp_path / "moved")
    assert build(moved).hash == build(root).hash


@pytest.mark.parametrize("column", ["path", "label", "split", "group", "content_hash"])
def test_hash_changes_with_what_decides_a_run(root: Path, column: str) -> None:
    manifest = build(root)
    changed = manifest.table.copy()
    changed.loc[3, column] = "other"
    assert Manifest(root, changed).hash != manifest.hash


def test_another_seed_is_another_split(root: Path) -> None:
    assert build(root, seed=0).hash == build(root, seed=0).hash
    assert build(root, seed=0).hash != build(root, seed=1).hash


def test_manifest_survives_writing_and_reading(tmp_path: Path, root: Path) -> None:
    manifest = build(root)
    manifest.write(tmp_path / "manifest.csv")
    again = read_manifest(tmp_path / "manifest.csv")
    assert again.root == manifest.root
    assert again.hash == manifest.hash
    pd.testing.assert_frame_equal(again.table, manifest.table.astype(str), check_dtype=False)


def test_names_that_look_like_missing_values_survive(tmp_path: Path, write_image: WriteImage) -> None:
    root = tmp_path / "images, with a comma"
    for label in ("NA", "null"):
        for number in range(3):
            write_image(root / label / f'ä "{label}", {number}.png')
    manifest = build(root)
    manifest.write(tmp_path / "manifest.csv")
    again = read_manifest(tmp_path / "manifest.csv")
    assert again.class_names == ("NA", "null")
    assert (again.root, again.hash) == (manifest.root, manifest.hash)


def test_missing_val_is_carved_out_of_train(split_root: Path) -> None:
    table = build(split_root).table
    counts = Counter(zip(table["label"], table["split"], strict=True))
    # Train and val share the ten in the ratio 0.6 : 0.2, which is 7.5 : 2.5.
    for label in ("mel", "nv"):
        assert counts[label, "test"] == 2
        assert counts[label, "val"] in {2, 3}
        assert counts[label, "train"] + counts[label, "val"] == 10
    in_test_folder = table["path"].str.startswith("test/")
    assert (table["split"] == "test").tolist() == in_test_folder.tolist()


def test_given_split_is_kept(split_root: Path, write_image: WriteImage) -> None:
    for label in ("mel", "nv"):
        write_image(split_root / "val" / label / f"val_{label}.png")
    table = build(split_root).table
    assert table["split"].tolist() == [path.split("/")[0] for path in table["path"]]


def test_class_without_training_images_is_refused(split_root: Path, write_image: WriteImage) -> None:
    write_image(split_root / "test" / "vasc" / "only.png")
    with pytest.raises(InputError, match=r"class vasc of .* has no training image"):
        build(split_root)


def test_given_split_without_test_is_refused(split_root: Path) -> None:
    shutil.rmtree(split_root / "test")
    with pytest.raises(InputError, match="the data has no test and no val images"):
        build(split_root)


def test_given_split_that_leaks_is_refused(split_root: Path, write_image: WriteImage) -> None:
    write_image(split_root / "val/mel/val.png")
    write_image(split_root / "val/nv/val.png")
    shutil.copy(split_root / "train/mel/train_mel_0.png", split_root / "test/mel/copy.png")
    with pytest.raises(
        InputError,
        match=r"leaks: 1 group\(s\).*such as test/mel/copy\.png and train/mel/train_mel_0\.png; mend",
    ):
        build(split_root)


def test_leak_may_be_allowed_and_is_reported(split_root: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copy(split_root / "train/mel/train_mel_0.png", split_root / "test/mel/copy.png")
    with caplog.at_level(logging.WARNING):
        manifest = build(split_root, allow_leakage=True)
    assert "Scores are inflated: the given split of" in caplog.text
    assert "leaks: 1 group(s)" in caplog.text
    assert len(manifest.leaking_groups) == 1


def test_our_own_split_does_not_leak(root: Path) -> None:
    shutil.copy(root / "mel/mel_0.png", root / "mel/copy.png")
    assert build(root).leaking_groups == []


def test_test_manifest_takes_the_test_folder(split_root: Path) -> None:
    manifest = build_test_manifest(folder(str(split_root), None), "skip")
    assert len(manifest.rows("test")) == 4
    assert len(manifest.rows("train")) == 20


def test_test_manifest_without_split_is_all_test(root: Path) -> None:
    manifest = build_test_manifest(folder(str(root), None), "skip")
    assert len(manifest.rows("test")) == len(manifest.table) == 20


def test_groups_of_the_source_are_kept_together(root: Path) -> None:
    source = folder(str(root), None)
    pairs = source.table["path"].str.replace(r"\d", lambda digit: str(int(digit[0]) // 2), regex=True)
    manifest = build_manifest(
        Source(source.root, source.table.assign(group=pairs)), FRACTIONS, 0, "fail", False
    )
    assert manifest.table.groupby("group")["split"].nunique().tolist() == [1] * 10


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


def test_manifest_of_a_folder_that_is_gone_is_refused(tmp_path: Path, root: Path) -> None:
    build(root).write(tmp_path / "manifest.csv")
    shutil.rmtree(root)
    with pytest.raises(InputError, match="the folder of the run's images, is gone"):
        read_manifest(tmp_path / "manifest.csv")


def test_copies_under_several_labels_are_reported(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copy(next((root / "mel").iterdir()), root / "nv" / "copy.png")
    with caplog.at_level(logging.WARNING):
        build(root)
    assert "2 image(s) stand under several labels, such as mel/" in caplog.text
