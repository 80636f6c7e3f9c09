"""Tables in text files."""

import codecs
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

SEPARATORS = "\t;,"


def read_table(path: Path, key: str) -> pd.DataFrame:
    """Read a table of text, separated by commas, semicolons or tabs.

    Args:
        path: Its file, in UTF-8, or in what spreadsheets write: UTF-16 with its mark, or Windows-1252, of
            which a warning is given.
        key: The setting that names it, for messages.

    Returns:
        Columns of text; cells that are missing at the end of a row are empty.

    Raises:
        InputError: The file is missing, is no table, or has no rows.
    """
    try:
        encoding = _encoding(path)
        with path.open(encoding=encoding) as file:
            header = file.readline()
        table = pd.read_csv(
            path,
            encoding=encoding,
            # pandas can find the separator itself, but only by its Python parser, which is ten times slower.
            sep=max(SEPARATORS, key=header.count),
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
        )
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; set {key}=FILE to a table of images") from None
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())
        raise InputError(
            f"{path} cannot be read as a table: {reason}; mend it, or save it in UTF-8"
        ) from None
    if table.empty:
        raise InputError(f"{path} has no rows, expected one for each image")
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path} has rows with more cells than its header has columns; mend the header")
    # "L1 " and "L1" are one lesion.
    table = table.apply(lambda column: column.str.strip())
    return table.fillna("")


def _encoding(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content:
        raise ValueError("it is no text")
    try:
        content.decode()
    except UnicodeDecodeError:
        logger.warning(
            "%s is not in UTF-8 and read as Windows-1252; save it in UTF-8 if its letters come out wrong",
            path,
        )
        return "cp1252"
    return "utf-8-sig"


def refuse_rows(file: Path, rows: "pd.Series[str]", reason: str) -> None:
    """Refuse a table for some of its rows.

    Args:
        file: Of the table.
        rows: What names them, such as their paths.
        reason: What they do, and what to do about it.

    Raises:
        InputError: There are such rows; the message counts them and names the first.
    """
    if len(rows):
        raise InputError(f"{len(rows)} row(s) of {file} {reason}: {first_few(rows)}")


def require_columns(table: pd.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Refuse a table that lacks a column.

    Raises:
        InputError: The message names the columns that are missing and those that were found.
    """
    if absent := [column for column in columns if column not in table]:
        found = ", ".join(map(str, table))
        raise InputError(f"{path} has no column {' and no column '.join(absent)} but {found}; rename them")
