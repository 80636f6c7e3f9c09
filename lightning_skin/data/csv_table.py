"""Any table of images with labels as a source."""

from pathlib import Path

import pandas as pd

from lightning_skin.data.sources import SPLIT_FOLDERS, Source, existing_folder
from lightning_skin.data.table_file import read_table
from lightning_skin.errors import InputError

REQUIRED = ("path", "label")
COMPUTED = ("content_hash", "width", "height")
"""Columns of the manifest that are found out from the files."""
NAMED_AT_MOST = 5


def csv_table(root: str, table: str) -> Source:
    """Read a table with a row for each image.

    Columns ``path`` (relative to ``root``, or absolute) and ``label``; optional ``split`` (train, val, test
    or empty), ``group`` (lesion or patient, empty where unknown) and ``mask``. All others are carried into
    the manifest as they are.

    Args:
        root: Folder that the paths are relative to.
        table: CSV file, separated by commas, semicolons or tabs.

    Raises:
        InputError: The table cannot be read, a column is missing, or rows cannot be used; the message counts
            them and names the first.
    """
    top, file = existing_folder(root), Path(table).expanduser()
    rows = _read(file)
    for column in ("group", "split"):
        if column not in rows:
            rows[column] = ""
    rows["path"] = [_below(top, path) for path in rows["path"]]
    rows["split"] = [SPLIT_FOLDERS.get(name.lower(), name) for name in rows["split"]]
    _refuse(
        file, rows["path"][rows["path"].duplicated()], "name an image a second time; keep one row of each"
    )
    missing = rows["path"][[not (top / path).is_file() for path in rows["path"]]]
    _refuse(file, missing, f"name files that {top} does not hold; set data.root to the folder of the paths")
    _refuse(file, rows["path"][rows["label"] == ""], "have no label; fill it in or remove them")
    odd = rows["path"][~rows["split"].isin(["", *SPLIT_FOLDERS.values()])]
    _refuse(file, odd, "have a split other than train, val, test or none; mend it")
    undecided = rows["split"] == ""
    if not undecided.all():
        _refuse(
            file, rows["path"][undecided], "have no split, which others have; give all of them one, or none"
        )
    return Source(top, rows)


def _read(file: Path) -> pd.DataFrame:
    rows = read_table(file, "data.table")
    if absent := [column for column in REQUIRED if column not in rows]:
        found = ", ".join(map(str, rows))
        raise InputError(f"{file} has no column {' and no column '.join(absent)} but {found}; rename them")
    return rows.drop(columns=[column for column in COMPUTED if column in rows])


def _below(top: Path, path: str) -> str:
    whole = top / path
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else whole.as_posix()


def _refuse(file: Path, paths: "pd.Series[str]", reason: str) -> None:
    if len(paths):
        named = ", ".join(paths[:NAMED_AT_MOST]) + (", ..." if len(paths) > NAMED_AT_MOST else "")
        raise InputError(f"{len(paths)} row(s) of {file} {reason}: {named}")
