from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.table_file import read_table, require_columns
from lightning_skin.errors import InputError


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_cells_are_text_whatever_the_separator(tmp_path: Path, separator: str) -> None:
    (tmp_path / "table.csv").write_text(
        separator.join(["a", "b"]) + "\n" + separator.join(["01", "NA"]) + "\n"
    )
    assert read_table(tmp_path / "table.csv", "data.table").to_dict("list") == {"a": ["01"], "b": ["NA"]}


def test_a_missing_table_is_named_with_its_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv does not exist; set data\.metadata=FILE"):
        read_table(tmp_path / "gone.csv", "data.metadata")


def test_a_mark_of_byte_order_and_blanks_behind_commas_are_no_content(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text('path, label\n"ä, b.png", nævus\n', encoding="utf-8-sig")
    assert read_table(tmp_path / "table.csv", "data.table").to_dict("list") == {
        "path": ["ä, b.png"],
        "label": ["nævus"],
    }


def test_a_table_of_a_spreadsheet_is_read_in_its_own_encoding(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = "path;label\nä.png;nævus – é\n"
    expected = {"path": ["ä.png"], "label": ["nævus – é"]}
    for encoding, warned in (("utf-16", False), ("utf-8-sig", False), ("cp1252", True)):
        (tmp_path / "table.csv").write_text(text, encoding=encoding)
        assert read_table(tmp_path / "table.csv", "data.table").to_dict("list") == expected
        assert ("table.csv is not in UTF-8 and read as Windows-1252; save" in caplog.text) == warned


def test_a_folder_is_no_table_and_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_table(tmp_path, "data.table")
    assert str(caught.value).count(str(tmp_path)) == 1


def test_a_separator_inside_cells_does_not_mislead(tmp_path: Path) -> None:
    (tmp_path / "table.tab").write_text("image\tdiagnosis\na\tMelanoma, NOS; thin\n")
    table = read_table(tmp_path / "table.tab", "data.table")
    assert table.to_dict("list") == {"image": ["a"], "diagnosis": ["Melanoma, NOS; thin"]}


def test_cells_missing_at_the_end_are_empty(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b,c\n1,2\n")
    assert read_table(tmp_path / "table.csv", "data.table").to_dict("list") == {
        "a": ["1"],
        "b": ["2"],
        "c": [""],
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2,3\n", "has rows with more cells than its header has columns; mend the header"),
        (b"a,b\n1,2\n1,2,3\n", r"cannot be read as a table: .* line 3, saw 3; mend it, or save it in UTF-8"),
        (
            b"a,b\n\x81\xff,2\n",
            "cannot be read as a table: .* can't decode byte 0x81 .*, or save it in UTF-8",
        ),
        (b"\x89PNG\0\0,2\n", "cannot be read as a table: it is no text; mend it"),
        (b"a,b\n", "has no rows, expected one for each image"),
    ],
)
def test_a_broken_table_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        read_table(tmp_path / "table.csv", "data.table")
    assert "\n" not in str(caught.value)


def test_missing_columns_are_named_with_those_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.csv has no column a and no column b but c, d; rename them"):
        require_columns(pd.DataFrame({"c": [], "d": []}), ("a", "b"), tmp_path / "t.csv")
