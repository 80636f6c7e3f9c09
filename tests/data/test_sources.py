"""Folder layouts, and what is said of those that are none."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.manifest import build_manifest
from lightning_skin.data.sources import folder, ham10000
from lightning_skin.errors import InputError

WriteImages = Callable[..., list[Path]]


def write_table(path: Path, **columns: list[str]) -> Path:
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_class_folders_give_labels(tmp_path: Path, write_images: WriteImages) -> None:
    write_images(tmp_path / "mel", 2)
    write_images(tmp_path / "nv" / "deeper", 1)
    (tmp_path / "nv" / "notes.txt").write_text("no image")
    root, table = folder(str(tmp_path), None)
    assert root == tmp_path.resolve()
    assert table[["path", "label", "split", "group"]].to_numpy().tolist() == [
        ["mel/image_0.png", "mel", "", ""],
        ["mel/image_1.png", "mel", "", ""],
        ["nv/deeper/image_0.png", "nv", "", ""],
    ]


def test_split_folders_give_labels_and_splits(tmp_path: Path, write_images: WriteImages) -> None:
    for split in ("train", "valid", "test"):
        for label in ("mel", "nv"):
            write_images(tmp_path / split / label, 1, prefix=split)
    table = folder(str(tmp_path), None).table
    assert sorted(zip(table["split"], table["label"], strict=True)) == [
        (split, label) for split in ("test", "train", "val") for label in ("mel", "nv")
    ]


def test_a_table_beside_class_folders_names_groups(tmp_path: Path, write_images: WriteImages) -> None:
    write_images(tmp_path / "mel", 2, prefix="m")
    write_images(tmp_path / "nv", 1, prefix="n")
    write_table(
        tmp_path / "metadata.csv", image_id=["m_0", "m_1"], lesion_id=["L1", "L1"], sex=["male", "male"]
    )
    table = folder(str(tmp_path), None).table
    assert table["group"].tolist() == ["L1", "L1", ""]
    assert table["sex"].tolist() == ["male", "male", ""]


def test_a_flat_folder_takes_labels_from_its_table(tmp_path: Path, write_images: WriteImages) -> None:
    write_images(tmp_path, 2)
    file = write_table(
        tmp_path / "t.csv", image_id=["image_0", "image_1"], lesion_id=["a", "b"], dx=["nv", "mel"]
    )
    table = folder(str(tmp_path), str(file)).table
    assert table[["label", "group"]].to_numpy().tolist() == [["nv", "a"], ["mel", "b"]]


def test_ham10000_finds_images_by_id_and_their_masks(tmp_path: Path, write_images: WriteImages) -> None:
    write_images(tmp_path / "part_1", 1, prefix="A")
    write_images(tmp_path / "part_2", 1, prefix="B")
    (tmp_path / "masks").mkdir()
    write_images(tmp_path / "m", 1)[0].rename(tmp_path / "masks" / "A_0_segmentation.png")
    write_table(
        tmp_path / "HAM10000_metadata.csv",
        image_id=["A_0", "B_0"],
        lesion_id=["L1", "L2"],
        dx=["mel", "nv"],
        dx_type=["histo", "histo"],
    )
    table = ham10000(str(tmp_path)).table
    assert table[["path", "label", "group", "mask"]].to_numpy().tolist() == [
        ["part_1/A_0.png", "mel", "L1", "masks/A_0_segmentation.png"],
        ["part_2/B_0.png", "nv", "L2", ""],
    ]
    assert "dx_type" not in table


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda root, _: root.rmdir(), "does not exist; set data.root=FOLDER"),
        (lambda *_: None, "is empty"),
        (lambda root, _: (root / "a.txt").touch(), "holds no class folders"),
        (lambda root, write: (write(root / "nv", 1), (root / "mel").mkdir()), "mel holds no images"),
        (lambda root, write: write(root / "nv", 1), "single class folder nv"),
        (
            lambda root, _: [(root / name).mkdir() for name in ("train", "test")],
            "test holds no class folders",
        ),
    ],
)
def test_a_layout_that_is_none_is_described(
    prepare: Callable[[Path, WriteImages], object], said: str, tmp_path: Path, write_images: WriteImages
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    prepare(root, write_images)
    with pytest.raises(InputError, match=said):
        folder(str(root), None)


def test_a_folder_that_contradicts_the_table_is_named(tmp_path: Path, write_images: WriteImages) -> None:
    write_images(tmp_path / "mel", 2, prefix="m")
    write_images(tmp_path / "nv", 1, prefix="n")
    write_table(tmp_path / "metadata.csv", image_id=["m_0", "m_1", "n_0"], dx=["nv", "mel", "nv"])
    with pytest.raises(InputError, match=r"disagree on 1 image\(s\), the first is mel/m_0.png"):
        folder(str(tmp_path), None)


@pytest.mark.real
def test_ham10000_is_split_by_lesion_in_the_right_shares() -> None:
    root = Path(os.environ.get("LIGHTNING_SKIN_DATA", "../shared/data"), "ham10000")
    if not root.is_dir():
        pytest.skip(f"{root} is absent: set LIGHTNING_SKIN_DATA")
    manifest = build_manifest(ham10000(str(root)), (0.7, 0.1, 0.2), seed=0, on_broken="fail")
    table = manifest.table
    assert len(table) == 10_015
    assert table.groupby("group")["split"].nunique().max() == 1
    shares = table.groupby("label")["split"].value_counts(normalize=True).unstack()[["train", "val", "test"]]
    assert (shares - [0.7, 0.1, 0.2]).abs().to_numpy().max() < 0.015
