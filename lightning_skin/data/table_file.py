"""Tables in text files."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lightning_skin.errors import InputError

SEPARATORS = "\t;,"


def read_table(path: Path, key: str) -> pd.DataFrame:
    """Read a table of text, separated by commas, semicolons or tabs.

    Args:
        path: Its file, in UTF-8.
        key: The setting that names it, for messages.

    Returns:
        Columns of text; cells that are missing at the end of a row are empty.

    Raises:
        InputError: The file is missing, is no table, or has no rows.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        table = pd.read_csv(
            path,
            # pandas can find the separator itself, but only by its Python parser, which is ten times slower.
            sep=max(SEPARATORS, key=header.count),
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
        )
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; set {key}=FILE to a table of images") from None
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} cannot be read as a table in UTF-8: {reason}; mend or replace it") from None
    if table.empty:
        raise InputError(f"{path} has no rows, expected one for each image")
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path} has rows with more cells than its header has columns; mend the header")
    # "L1 " and "L1" are one lesion.
    table = table.apply(lambda column: column.str.strip())
    return table.fillna("")


def require_columns(table: pd.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Refuse a table that lacks a column.

    Raises:
        InputError: The message names the columns that are missing and those that were found.
    """
    if absent := [column for column in columns if column not in table]:
        found = ", ".join(map(str, table))
        raise InputError(f"{path} has no column {' and no column '.join(absent)} but {found}; rename them")
