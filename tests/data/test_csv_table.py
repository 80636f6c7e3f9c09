import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.csv_table import csv_table
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]
Build = Callable[..., Manifest]
Read = Callable[[str], dict[str, list[str]]]


@pytest.fixture
def read(tmp_path: Path, write_image: WriteImage) -> Read:
    """Columns of a source made of a table; ``a.png`` and ``sub/b.png`` exist."""
    for name in ("a.png", "sub/b.png"):
        write_image(tmp_path / "images" / name)

    def source(text: str) -> dict[str, list[str]]:
        (tmp_path / "table.csv").write_text(text, encoding="utf-8")
        return csv_table(str(tmp_path / "images"), str(tmp_path / "table.csv")).table.to_dict("list")

    return source


def test_path_and_label_are_enough(read: Read) -> None:
    expected = {"path": ["a.png", "sub/b.png"], "label": ["mel", "nv"], "group": ["", ""], "split": ["", ""]}
    assert read("path,label\na.png,mel\nsub/b.png,nv\n") == expected


def test_other_columns_are_carried_and_our_own_are_not_taken(read: Read) -> None:
    table = read("label;path;group;age;content_hash\nmel;a.png;p1;40;0\nnv;sub/b.png;p2;NA;0\n")
    assert (table["group"], table["age"]) == (["p1", "p2"], ["40", "NA"])
    assert "content_hash" not in table


@pytest.mark.parametrize("column", ["patient_id", "lesion_id"])
def test_ids_of_patients_or_lesions_are_groups(read: Read, column: str) -> None:
    assert read(f"path,label,{column}\na.png,mel,p1\nsub/b.png,nv,p1 \n")["group"] == ["p1", "p1"]


def test_a_lesion_under_two_patients_is_one_group(read: Read) -> None:
    table = read("path,label,lesion_id,patient_id\na.png,mel,l1,p2\nsub/b.png,nv,l1,p1\n")
    assert table["group"] == ["p1", "p1"]


@pytest.mark.parametrize("column", ["group", "lesion_id"])
def test_images_whose_group_is_not_available_are_not_joined(read: Read, column: str) -> None:
    assert read(f"path,label,{column}\na.png,mel,NA\nsub/b.png,nv,NA\n")["group"] == ["", ""]


def test_the_patient_is_the_stricter_group(read: Read) -> None:
    table = read("path,label,lesion_id,patient_id\na.png,mel,l1,p1\nsub/b.png,nv,l2,p1\n")
    assert table["group"] == ["p1", "p1"]


@pytest.mark.parametrize(("column", "meant"), [("gruop", "group"), ("groups", "group"), ("splits", "split")])
def test_a_misspelt_column_is_not_ignored(read: Read, column: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"has a column {column}, perhaps meant as {meant}; rename"):
        read(f"path,label,{column}\na.png,mel,train\nsub/b.png,nv,test\n")


def test_a_split_is_understood_by_its_common_names(read: Read) -> None:
    assert read("path,label,split\na.png,mel,Train\nsub/b.png,nv,valid\n")["split"] == ["train", "val"]


def test_a_path_may_be_absolute_or_detour(read: Read, tmp_path: Path) -> None:
    absolute = tmp_path.resolve() / "images" / "a.png"
    assert read(f"path,label\n{absolute},mel\n./sub/b.png,nv\n")["path"] == ["a.png", "sub/b.png"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,label\na.png,mel\n", r"has no column path but file, label; rename them"),
        ("path,label\n", "has no rows"),
        ("path,label\na.png,mel\na.png,nv\n", r"1 row\(s\) of .* name an image a second time.*: a\.png"),
        ("path,label\na.png,mel\nc.png,nv\n", r"1 row\(s\) of .* name files that .* does not hold.*: c\.png"),
        ("path,label\na.png,\n", r"1 row\(s\) of .* have no label.*: a\.png"),
        (
            "path,label,split\na.png,mel,fold1\n",
            r"have a split \(fold1\) other than train, val, test or none.*: a\.png",
        ),
        (
            "path,label,split\na.png,mel,train\nsub/b.png,nv,\n",
            r"have no split, which others have.*: sub/b\.png",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(read: Read, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(text)


def test_five_rows_are_named_at_most(read: Read) -> None:
    rows = "".join(f"gone{number}.png,nv\n" for number in range(7))
    with pytest.raises(InputError, match=r"^7 row\(s\).*: gone0\.png, .*gone4\.png, \.\.\.$"):
        read(f"path,label\n{rows}")


def test_a_missing_table_is_named(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"gone\.csv does not exist; set data\.table=FILE"):
        csv_table(str(tmp_path), "gone.csv")


def test_patients_of_the_table_are_not_divided(tmp_path: Path, write_image: WriteImage, build: Build) -> None:
    rows = [
        f"{label}_{patient}_{view}.png,{label},{label}{patient}"
        for label in ("mel", "nv")
        for patient in range(8)
        for view in range(3)
    ]
    for row in rows:
        write_image(tmp_path / row.split(",")[0])
    (tmp_path / "table.csv").write_text("path,label,group\n" + "\n".join(rows))
    source = csv_table(str(tmp_path), str(tmp_path / "table.csv"))
    table = build(source, fractions=(0.5, 0.25, 0.25)).table
    assert table.groupby("group")["split"].nunique().max() == 1
    assert table.groupby(["label", "split"])["group"].nunique().unstack().to_dict("list") == {
        "test": [2, 2],
        "train": [4, 4],
        "val": [2, 2],
    }


def test_labels_that_differ_in_case_are_one_class(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert read("path,label\na.png,MEL\nsub/b.png,mel\n")["label"] == ["mel", "mel"]
    assert "differ in case only and are taken as mel" in caplog.text


def test_names_outside_ascii_and_with_spaces_are_found(tmp_path: Path, write_image: WriteImage) -> None:
    write_image(tmp_path / "Bilder, alt" / "ä b.png")
    (tmp_path / "Tabelle ü.csv").write_text('path,label\n"Bilder, alt/ä b.png",nævus\n', encoding="utf-8-sig")
    table = csv_table(str(tmp_path), str(tmp_path / "Tabelle ü.csv")).table
    assert table[["path", "label"]].values.tolist() == [["Bilder, alt/ä b.png", "nævus"]]
