"""Any table of images with labels as a source.

::

    table.csv    path,label[,group,split,mask,...]
    root/        whatever the paths of the table name
"""

import logging
from difflib import get_close_matches
from os.path import isfile, join
from pathlib import Path, PurePath

import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.data.identity import identity_groups, known_ids
from lightning_skin.data.sources import SPLIT_FOLDERS, Source, existing_folder
from lightning_skin.data.spelling import one_spelling
from lightning_skin.data.table_file import read_table, refuse_rows, require_columns
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

OPTIONAL = ("group", "split")
IDS = ("lesion_id", "patient_id")
"""Where other tables say what belongs together."""

COMPUTED = ("content_hash", "width", "height")
"""Columns of the manifest that are found out from the files."""


def csv_table(root: str, table: str) -> Source:
    """Read a table with a row for each image.

    Columns ``path`` (relative to ``root``, or absolute) and ``label``; optional ``split`` (train, val, test
    or empty), ``group`` (lesion or patient, empty where unknown; else ``patient_id`` and ``lesion_id``) and
    ``mask``. All others are carried into the manifest as they are.

    Args:
        root: Folder that the paths are relative to.
        table: CSV file, separated by commas, semicolons or tabs.

    Raises:
        InputError: The table cannot be read, a column is missing, or rows cannot be used; the message counts
            them and names the first.
    """
    top, file = existing_folder(root), Path(table).expanduser()
    rows = read_table(file, "data.table")
    require_columns(rows, ("path", "label"), file)
    rows = rows.drop(columns=[column for column in COMPUTED if column in rows])
    _require_spelling(rows, file)
    rows["group"] = _group(rows, file)
    if "split" not in rows:
        rows["split"] = ""
    rows["path"] = [_below(top.as_posix(), path) for path in rows["path"]]
    rows["split"] = [SPLIT_FOLDERS.get(name.lower(), name) for name in rows["split"]]
    refuse_rows(
        file, rows["path"][rows["path"].duplicated()], "name an image a second time; keep one row of each"
    )
    # With a million paths, pathlib would take several times as long.
    missing = rows["path"][[not isfile(join(top, path)) for path in rows["path"]]]  # noqa: PTH113, PTH118
    refuse_rows(
        file, missing, f"name files that {top} does not hold; set data.root to the folder of the paths"
    )
    refuse_rows(file, rows["path"][rows["label"] == ""], "have no label; fill it in or remove them")
    odd = rows[~rows["split"].isin(["", *SPLIT_FOLDERS.values()])]
    names = first_few(sorted(set(odd["split"])))
    refuse_rows(file, odd["path"], f"have a split ({names}) other than train, val, test or none; mend it")
    undecided = rows["split"] == ""
    if not undecided.all():
        refuse_rows(
            file, rows["path"][undecided], "have no split, which others have; give all of them one, or none"
        )
    rows["label"] = one_spelling(rows["label"], file)
    return Source(top, rows)


def _require_spelling(rows: pd.DataFrame, file: Path) -> None:
    """Refuse a column that is nearly one of ours: ignored, it would divide lesions without a word."""
    names = [str(name) for name in rows]
    for column in OPTIONAL:
        close = [] if column in names else get_close_matches(column, names, n=1, cutoff=0.75)
        if close and close[0] not in IDS:
            raise InputError(
                f"{file} has a column {close[0]}, perhaps meant as {column}; rename or remove it"
            )


def _group(rows: pd.DataFrame, file: Path) -> "pd.Series[str]":
    if "group" in rows:
        return known_ids(rows["group"], "group")
    if columns := [column for column in IDS if column in rows]:
        logger.info("Groups come from %s of %s", " and ".join(columns), file)
    none = pd.Series("", index=rows.index, dtype=object)
    lesions, patients = (known_ids(rows[name], name) if name in rows else none for name in IDS)
    return identity_groups(lesions, patients)


def _below(top: str, path: str) -> str:
    return PurePath(top, path).as_posix().removeprefix(f"{top}/")
