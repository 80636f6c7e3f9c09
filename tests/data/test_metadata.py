import logging
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.metadata import attach_metadata, facts, find_metadata, read_metadata, with_paths
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
    with pytest.raises(
        InputError, match=r"2 metadata tables \(a_metadata\.csv, b_metadata\.csv\), expected one"
    ):
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


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("image,lesion_id,dx", "has no column image_id but image, lesion_id, dx; rename them"),
        (
            "image_id,age,sex",
            "image_id, age, sex, expected image_id and at least one of lesion_id, patient_id",
        ),
    ],
)
def test_table_without_the_needed_columns_is_refused(tmp_path: Path, header: str, said: str) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text(f"{header}\na,b,c\n")
    with pytest.raises(InputError, match=said):
        read_metadata(path)


def test_images_named_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image_id,dx\n" + "".join(f"i{row % 7}.jpg,nv\n" for row in range(14)))
    with pytest.raises(
        InputError,
        match=r"names 7 image\(s\) more than once: i0, i1, i2, i3, i4, \.\.\.; keep one row of each",
    ):
        read_metadata(path)


def test_rows_without_an_image_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "metadata.csv"
    path.write_text("image_id,dx\na,mel\n,nv\nb,nv\n,nv\n")
    with pytest.raises(InputError, match=r"has 2 row\(s\) without image_id, in line\(s\) 3, 5; fill it in"):
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
    with pytest.raises(InputError, match=r"disagree on 1 image\(s\): folder/b\.jpg has dx nv; move"):
        attach_metadata(images("mel", "mel"), metadata(dx=["mel", "nv"]), TABLE)


def test_image_without_a_label_is_refused() -> None:
    with pytest.raises(InputError, match=r"gives no dx for 1 image\(s\): folder/c\.jpg; fill"):
        attach_metadata(images("", "", ""), metadata(dx=["mel", "nv"]), TABLE)


def test_image_without_a_row_is_reported_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = attach_metadata(images("x", "x", "y"), metadata(lesion_id=["1", "1"]), TABLE)
    assert table["group"].tolist() == ["1", "1", ""]
    assert "no row for 1 image(s), of which each counts as a lesion of its own: folder/c.jpg" in caplog.text


def known(rows: pd.DataFrame) -> pd.DataFrame:
    return facts(rows, {"lesion_id": "lesion", "patient_id": "patient", "localization": "site"})


def test_facts_get_the_names_of_the_manifest() -> None:
    table = known(metadata(localization=["back", ""], dx_type=["histo", "histo"], lesion_id=["1", "2"]))
    assert table.to_dict("list") == {"group": ["1", "2"], "site": ["back", ""]}


def test_without_lesion_and_patient_the_group_is_open() -> None:
    assert known(metadata(localization=["back", ""]))["group"].tolist() == ["", ""]


def test_the_patient_is_the_group_and_else_the_lesion() -> None:
    rows = pd.DataFrame(
        {"lesion_id": ["L1", "L1", "L2", "L3", "", ""], "patient_id": ["P1", "", "", "P1", "P2", ""]}
    )
    table = known(rows)
    # The second image's lesion has a patient in the first image.
    assert table["group"].tolist() == ["P1", "P1", "L2", "P1", "P2", ""]
    assert table["lesion"].tolist() == ["L1", "L1", "L2", "L3", "", ""]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The images a and b, a in two folders."""
    for name in ("part_1/a.jpg", "part_2/a.jpg", "part_2/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"same")
    return tmp_path


PATHS = ["part_1/a.jpg", "part_2/a.jpg", "part_2/b.jpg"]


def test_a_second_copy_of_an_image_is_not_counted(files: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = with_paths(metadata(dx=["mel", "nv"]), PATHS, files, TABLE)
    assert table["path"].to_dict() == {"a": "part_1/a.jpg", "b": "part_2/b.jpg"}
    assert "1 image(s) more than once, which are taken once: part_2/a.jpg, a copy of part_1/a" in caplog.text


def test_images_of_one_name_and_several_sizes_are_refused(files: Path) -> None:
    (files / "part_2" / "a.jpg").write_bytes(b"another")
    with pytest.raises(
        InputError,
        match=r"holds 1 image\(s\) under one name in several sizes: part_1/a\.jpg and part_2/a\.jpg;",
    ):
        with_paths(metadata(dx=["mel", "nv"]), PATHS, files, TABLE)


def test_rows_without_images_and_images_without_rows_are_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        table = with_paths(
            metadata(dx=["mel", "nv"]), ["b.jpg", *(f"x{n}.jpg" for n in range(6))], tmp_path, TABLE
        )
    assert table["path"].to_dict() == {"b": "b.jpg"}
    assert "1 of the 2 images that metadata.csv names are missing: a; unpack" in caplog.text
    assert (
        "no row for 6 image(s), which are left out: x0.jpg, x1.jpg, x2.jpg, x3.jpg, x4.jpg, ...;"
        in caplog.text
    )


def test_no_image_with_a_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"holds none of the 2 images that metadata\.csv names, such as a, but 1 other .*x\.jpg",
    ):
        with_paths(metadata(dx=["mel", "nv"]), ["x.jpg"], tmp_path, TABLE)
