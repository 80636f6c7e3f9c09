from pathlib import Path

import pytest

from lightning_skin.data.table_file import read_table
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
