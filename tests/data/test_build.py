import logging
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.build import build_manifest, build_test_manifest
from lightning_skin.data.leakage import leak_table, leaking_groups
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source, folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

SETTINGS = SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False)
AUDIT = AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None)


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


def build(root: Path, **changes: Any) -> Manifest:
    return build_manifest(folder(str(root), None), replace(SETTINGS, **changes), AUDIT)[0]


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
    assert "broken_4.jpg: the file is empty, ..." in caplog.text


def test_broken_image_fails_by_choice(root: Path) -> None:
    (root / "mel" / "broken.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"1 image\(s\) cannot be read: .*broken\.png: it is not an image"):
        build_manifest(folder(str(root), None), SETTINGS, replace(AUDIT, on_broken="fail"))


def test_class_of_broken_images_only_is_refused(root: Path) -> None:
    (root / "df").mkdir()
    (root / "df" / "broken.png").write_bytes(b"nothing")
    with pytest.raises(
        InputError, match="class df has no image left that can be used; repair its files, or drop"
    ):
        build(root)


def test_copies_share_a_group_and_a_split(root: Path) -> None:
    for number in range(4):
        shutil.copy(root / "mel" / "mel_0.png", root / "mel" / f"copy_{number}.png")
    table = build(root).table
    copies = table[table["path"].str.contains("copy|mel_0")]
    assert len(copies) == 5
    assert set(copies["group"]) == {"mel/copy_0.png"}
    assert len(set(copies["split"])) == 1


def test_hash_is_independent_of_the_place_of_the_folder(root: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(root, tmp_path / "moved")
    assert build(moved).hash == build(root).hash


def test_another_seed_is_another_split(root: Path) -> None:
    assert build(root, seed=0).hash == build(root, seed=0).hash
    assert build(root, seed=0).hash != build(root, seed=1).hash


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
    with pytest.raises(InputError, match="the data has no val and no test images"):
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
    assert "Scores are inflated: the split of" in caplog.text
    assert "leaks: 1 group(s)" in caplog.text
    assert len(leaking_groups(manifest)) == 1


def test_our_own_split_does_not_leak(root: Path) -> None:
    shutil.copy(root / "mel/mel_0.png", root / "mel/copy.png")
    assert leaking_groups(build(root)) == []


def test_test_manifest_takes_the_test_folder(split_root: Path) -> None:
    manifest = build_test_manifest(folder(str(split_root), None), AUDIT)
    assert len(manifest.rows("test")) == 4
    assert len(manifest.rows("train")) == 20


def test_test_manifest_without_split_is_all_test(root: Path) -> None:
    manifest = build_test_manifest(folder(str(root), None), AUDIT)
    assert len(manifest.rows("test")) == len(manifest.table) == 20


def test_groups_of_the_source_are_kept_together(root: Path) -> None:
    source = folder(str(root), None)
    pairs = source.table["path"].str.replace(r"\d", lambda digit: str(int(digit[0]) // 2), regex=True)
    manifest = build_manifest(Source(source.root, source.table.assign(group=pairs)), SETTINGS, AUDIT)[0]
    assert manifest.table.groupby("group")["split"].nunique().tolist() == [1] * 10


def test_copies_under_several_labels_are_reported(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copy(next((root / "mel").iterdir()), root / "nv" / "copy.png")
    with caplog.at_level(logging.WARNING):
        build(root)
    assert "1 image(s) under two labels, which cannot both be right: mel/" in caplog.text


def test_an_old_split_survives_new_images_and_renamed_files(root: Path, write_image: WriteImage) -> None:
    before = build(root)
    before.write(root.parent / "manifest.csv")
    (root / "mel" / "mel_0.png").rename(root / "mel" / "zz_renamed.png")
    for number in range(10):
        write_image(root / "nv" / f"aa_{number}.png")
    after = build(root, split_file=str(root.parent / "manifest.csv"), seed=5)
    split_of = dict(zip(before.table["content_hash"], before.table["split"], strict=True))
    old = after.table[after.table["content_hash"].isin(split_of)]
    assert len(old) == 20
    assert old["split"].tolist() == [split_of[content] for content in old["content_hash"]]
    assert Counter(after.table["split"]) == {"train": 18, "val": 6, "test": 6}


def test_copies_that_connect_an_old_split_are_refused(root: Path) -> None:
    table = build(root).table
    table.to_csv(root.parent / "split.csv", index=False, columns=["path", "split"])
    first, second = (table["path"][table["split"] == split].iloc[0] for split in ("train", "test"))
    shutil.copy(root / first, root / second)
    with pytest.raises(InputError, match=r"leaks: 1 group\(s\)"):
        build(root, split_file=str(root.parent / "split.csv"))
    allowed = build(root, split_file=str(root.parent / "split.csv"), allow_leakage=True)
    assert len(leaking_groups(allowed)) == 1


def test_folds_test_every_image_once(root: Path) -> None:
    tested = [path for fold in range(5) for path in build(root, folds=5, fold=fold).rows("test")["path"]]
    assert sorted(tested) == build(root).table["path"].tolist()


def test_a_near_duplicate_in_two_splits_is_refused_unless_allowed_or_dropped(leaky_root: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"leaks: 1 group\(s\) .*near-dup.* test/mel/turned\.jpg and train/mel/mel_00\.jpg; mend",
    ):
        build(leaky_root)
    allowed = build(leaky_root, allow_leakage=True)
    assert leaking_groups(allowed) == ["test/mel/turned.jpg"]
    found = leak_table(allowed).set_index(["label", "splits"]).loc["mel", "train and test"]
    assert (found["groups"], found["images"], found["duplicates"]) == (1, 2, 0)
    settings = replace(AUDIT, near_duplicates="drop")
    assert leaking_groups(build_manifest(folder(str(leaky_root), None), SETTINGS, settings)[0]) == []


def test_near_duplicates_are_never_divided_by_our_own_split(planted: Path) -> None:
    for seed in range(5):
        manifest = build(planted, seed=seed)
        splits = dict(zip(manifest.table["path"], manifest.table["split"], strict=True))
        assert splits["mel/turned.jpg"] == splits["mel/mel_00.jpg"]
        assert splits["mel/brighter.jpg"] == splits["nv/nv_03.jpg"]
        assert splits["nv/pixels.png"] == splits["nv/nv_02.jpg"]
        assert leaking_groups(manifest) == []


def test_near_duplicates_in_a_test_count_as_one_group(planted: Path) -> None:
    table = build_test_manifest(folder(str(planted), None), AUDIT).table
    group = dict(zip(table["path"], table["group"], strict=True))
    assert group["mel/turned.jpg"] == group["mel/mel_00.jpg"]
    assert table["group"].nunique() == 41


def test_images_without_lesions_are_told_of_the_audit(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    build(root)
    assert "No table names lesions or patients: mode=prepare looks for" in caplog.text
    assert "near-duplicates" not in caplog.text
