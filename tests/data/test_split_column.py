from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.split_column import split_column
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

SETTINGS = SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False)
ROOT = Path("images")


def images(splits: list[str]) -> pd.DataFrame:
    names = [f"{number:02d}.png" for number in range(len(splits))]
    return pd.DataFrame(
        {"path": names, "label": "nv", "split": splits, "group": names, "content_hash": names}
    )


def written(folder: Path, splits: dict[str, str]) -> str:
    file = folder / "split.csv"
    file.write_text("path,split\n" + "".join(f"{path},{split}\n" for path, split in splits.items()))
    return str(file)


def test_images_without_a_split_are_dealt() -> None:
    splits = split_column(images([""] * 20), ROOT, SETTINGS)
    assert Counter(splits) == {"train": 12, "val": 4, "test": 4}


def test_a_given_split_is_kept() -> None:
    given = ["train", "train", "val", "test", "test", "test"]
    assert list(split_column(images(given), ROOT, SETTINGS)) == given


def test_folds_take_turns() -> None:
    table = images([""] * 20)
    rounds = [split_column(table, ROOT, replace(SETTINGS, folds=4, fold=fold)) for fold in range(4)]
    assert [Counter(splits)["test"] for splits in rounds] == [5] * 4
    assert [splits.count("test") for splits in zip(*rounds, strict=True)] == [1] * 20


def test_images_added_later_do_not_move_the_old_ones(tmp_path: Path) -> None:
    old = images([""] * 20)
    before = dict(zip(old["path"], split_column(old, ROOT, SETTINGS), strict=True))
    changed = replace(SETTINGS, seed=9, fractions=(0.5, 0.3, 0.2), split_file=written(tmp_path, before))
    after = split_column(images([""] * 40), ROOT, changed)
    assert list(after[:20]) == list(before.values())
    assert Counter(after) == {"train": 20, "val": 12, "test": 8}


def test_a_split_file_decides_about_val_where_only_that_is_missing(tmp_path: Path) -> None:
    given = images(["train"] * 10 + ["test"] * 3)
    chosen = {"00.png": "val", "01.png": "train", "12.png": "test"}
    settings = replace(SETTINGS, split_file=written(tmp_path, chosen))
    splits = split_column(given, ROOT, settings)
    assert splits[:2] == ["val", "train"]
    assert set(splits[2:10]) == {"train", "val"}
    assert splits[10:] == ["test"] * 3


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"02.png": "test"}, r"02\.png \(test, not train\)"), ({"12.png": "val"}, r"12\.png \(val, not test\)")],
)
def test_a_split_file_that_contradicts_the_test_folder_is_refused(
    tmp_path: Path, chosen: dict[str, str], said: str
) -> None:
    settings = replace(SETTINGS, split_file=written(tmp_path, {"00.png": "val", **chosen}))
    with pytest.raises(InputError, match=rf"disagree on the test split of 1 image\(s\): {said}; mend"):
        split_column(images(["train"] * 10 + ["test"] * 3), ROOT, settings)


def test_folds_of_data_with_a_split_are_refused() -> None:
    with pytest.raises(InputError, match=r"images brings its own split, so that data\.folds=5 has nothing"):
        split_column(images(["train"] * 8 + ["test"] * 2), ROOT, replace(SETTINGS, folds=5, fold=0))


def test_a_split_file_for_data_with_a_split_is_refused(tmp_path: Path) -> None:
    settings = replace(SETTINGS, split_file=written(tmp_path, {"00.png": "val"}))
    with pytest.raises(InputError, match=r"brings its own split, which counts; leave data\.split_file out"):
        split_column(images(["train", "val", "test"]), ROOT, settings)


@pytest.mark.parametrize("odd", ["", "Test", "tset"])
def test_an_unknown_split_is_refused(odd: str) -> None:
    with pytest.raises(InputError, match=f"1 image.s. of images have the split '{odd}', expected train, val"):
        split_column(images(["train", "val", "test", odd]), ROOT, SETTINGS)


def test_a_run_folder_stands_for_its_manifest(tmp_path: Path) -> None:
    chosen = {"00.png": "test", "01.png": "val"}
    Path(written(tmp_path, chosen)).rename(tmp_path / "manifest.csv")
    splits = split_column(images([""] * 20), ROOT, replace(SETTINGS, split_file=str(tmp_path)))
    assert list(splits[:2]) == ["test", "val"]
