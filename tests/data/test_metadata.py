import logging
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.metadata import attach_metadata, find_metadata, read_metadata
from lightning_skin.errors import InputError

TABLE = Path("metadata.csv")


def metadata(**columns: list[str]) -> pd.DataFrame:
    """A table of the images a and b."""
    return pd.DataFrame(columns, index=pd.Index(["a", "b"], name="image_id"))


def images(*labels: str) -> pd.DataFrame:
    """The images a, b, ... with these labels."""
    paths = [f"folder/{name}.jpg" for name in "abcdef"[: len(labels)]]
    return pd.DataFrame({"path": paths, "label": labels, "split": ""})


@pytest.mark.parametrize(
    "name", ["metadata.csv", "HAM10000_metadata.csv", "HAM10000_metadata", "metadata.tab"]
)
def test_the_one_table_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("image_id,dx\n")
    (tmp_path / "metadata.md").write_text("notes")
    (tmp_path / "metadata").mkdir()
    assert find_metadata(tmp_path) == tmp_path / name


def test_folder_without_table_has_none(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image_id,dx\n")
    assert find_metadata(tmp_path) is None


def test_several_tables_are_refused(tmp_path: Path) -> None:
    for name in ("a_metadata.csv", "b_metadata.csv"):
        (tmp_path / name).write_text("image_id,dx\n")
    with pytest.raises(InputError, match=r"several metadata tables \(a_metadata\.csv, b_metadata\.csv\)"):
        find_metadata(tmp_path)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_table_is_read_as_text_by_image(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "metadata.csv"
    rows = (["image_id", "lesion_id", "age"], ["0012", "NA", "45.0"], ["0013", "007", ""])
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n")
    table = read_metadata(path)
    assert table.index.tolist() == ["0012", "0013"]
    assert table.to_dict("list") == {"lesion_id": ["NA", "007"], "age": ["45.0", ""]}


def test_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"absent\.csv does not exist; set data\.metadata=FILE to a table of images"
    ):
        read_metadata(tmp_path / "absent.csv")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\xff\xd8\x00\x00"])
def test_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "metadata.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"metadata\.csv cannot be read as a table") as caught:
        read_metadata(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("header", ["image,lesion_id,dx", "image_id,age,sex"])
def test_table_without_the_needed_columns_is_refused(tmp_path: Path, header: str) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text(f"{header}\na,b,c\n")
    with pytest.raises(InputError, match="expected image_id and at least one of lesion_id and dx"):
        read_metadata(path)


def test_image_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image_id,dx\na,mel\nb,nv\nb,nv\n")
    with pytest.raises(InputError, match=r"names 1 image\(s\) twice, the first is b"):
        read_metadata(path)


def test_suffix_of_a_file_name_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image_id,dx\na.jpg,mel\nb.v2.PNG,nv\nc.v2,nv\n")
    assert read_metadata(path).index.tolist() == ["a", "b.v2", "c.v2"]


def test_table_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image_id,dx\n")
    with pytest.raises(InputError, match="has no rows"):
        read_metadata(path)


def test_table_of_other_images_is_refused() -> None:
    rows = metadata(lesion_id=["1", "2"]).rename({"a": "x", "b": "z"})
    with pytest.raises(
        InputError, match=r"no row for any of the 2 images: its first image_id is x.*image a;"
    ):
        attach_metadata(images("mel", "nv"), rows, TABLE)


def test_label_group_and_facts_come_from_the_table() -> None:
    rows = metadata(lesion_id=["1", "2"], dx=["mel", "nv"], age=["40", ""], dx_type=["histo", "consensus"])
    table = attach_metadata(images("", ""), rows, TABLE)
    assert table.to_dict("list") == {
        "path": ["folder/a.jpg", "folder/b.jpg"],
        "label": ["mel", "nv"],
        "split": ["", ""],
        "group": ["1", "2"],
        "age": ["40", ""],
    }


def test_images_are_matched_by_name_not_by_order() -> None:
    reversed_images = images("", "").iloc[::-1]
    table = attach_metadata(reversed_images, metadata(lesion_id=["1", "2"], dx=["mel", "nv"]), TABLE)
    assert dict(zip(table["path"], table["label"], strict=True)) == {
        "folder/a.jpg": "mel",
        "folder/b.jpg": "nv",
    }


def test_table_of_diagnoses_alone_leaves_groups_open() -> None:
    assert attach_metadata(images("", ""), metadata(dx=["mel", "nv"]), TABLE)["group"].tolist() == ["", ""]


def test_folder_names_of_ones_own_are_kept() -> None:
    table = attach_metadata(images("melanoma", "naevus"), metadata(dx=["mel", "nv"]), TABLE)
    assert table["label"].tolist() == ["melanoma", "naevus"]


def test_folder_that_contradicts_the_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"disagree on 1 image\(s\), the first is folder/b\.jpg: dx is nv"):
        attach_metadata(images("mel", "mel"), metadata(dx=["mel", "nv"]), TABLE)


def test_image_without_a_label_is_refused() -> None:
    with pytest.raises(InputError, match=r"gives no dx for 1 image\(s\), the first is folder/c\.jpg"):
        attach_metadata(images("", "", ""), metadata(dx=["mel", "nv"]), TABLE)


def test_image_without_a_row_is_reported_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = attach_metadata(images("x", "x", "y"), metadata(lesion_id=["1", "1"]), TABLE)
    assert table["group"].tolist() == ["1", "1", ""]
    assert "no row for 1 image(s)" in caplog.text
