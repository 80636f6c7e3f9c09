"""Splits that are kept: a file names images and where they belong."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.data.manifest import ROOT_LINE, read_manifest
from lightning_skin.data.sources import SPLIT_FOLDERS
from lightning_skin.data.table_file import read_table, refuse_rows
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)


def kept_splits(file: Path, root: Path, images: pd.DataFrame) -> "pd.Series[str]":
    """Look up the split that a file gives to each image.

    Images are found by path, else by content (renamed files), else by their group (new images of a lesion
    or patient that the file knows).

    Args:
        file: A manifest or the run folder that holds it, or a table with the columns ``path`` and ``split``,
            and optionally ``group`` and ``content_hash``.
        root: Folder that the paths are relative to.
        images: Columns ``path``, ``group`` and ``content_hash``.

    Returns:
        The split of each image, empty for those that the file does not know.

    Raises:
        InputError: The file cannot be read or used, or knows none of the images.
    """
    if file.is_dir():
        file /= "manifest.csv"
    rows = _read(file, root)
    kept = pd.Series("", index=images.index, dtype=object)
    for column in ("path", "content_hash"):
        _look_up(kept, column, images, rows)
    _compare(file, images, rows, found=bool((kept != "").any()))
    _look_up(kept, "group", images, rows)
    return kept


def _read(file: Path, root: Path) -> pd.DataFrame:
    rows = read_manifest(file).table if _is_manifest(file) else read_table(file, "data.split_file")
    if absent := [column for column in ("path", "split") if column not in rows]:
        found = ", ".join(map(str, rows))
        raise InputError(f"{file} has no column {' and no column '.join(absent)} but {found}; rename them")
    # Absolute paths become those of the images.
    prefix = f"{root.as_posix()}/"
    rows = rows.assign(path=[path.removeprefix(prefix) for path in rows["path"]])
    splits = rows["split"].str.lower().map(SPLIT_FOLDERS)
    odd = rows[splits.isna()]
    names = first_few(sorted(name or "none" for name in set(odd["split"])))
    refuse_rows(file, odd["path"], f"have a split ({names}) other than train, val or test; mend it")
    rows = rows.assign(split=splits)
    refuse_rows(
        file, rows["path"][rows["path"].duplicated()], "name an image a second time; keep one row of each"
    )
    return rows


def _is_manifest(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(len(ROOT_LINE)) == ROOT_LINE.encode()
    except OSError:
        return False


def _look_up(kept: "pd.Series[str]", column: str, images: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Fill in the splits that are still empty, by what images and rows of the file have in common."""
    wanted = images[column][kept == ""]
    if column in rows and not wanted.empty:
        named = rows[rows[column] != ""].drop_duplicates(column)
        known = dict(zip(named[column], named["split"], strict=True))
        kept[wanted.index] = np.array([known.get(value, "") for value in wanted], dtype=object)


def _compare(file: Path, images: pd.DataFrame, rows: pd.DataFrame, found: bool) -> None:
    if not found:
        raise InputError(
            f"{file} names none of the {len(images)} images: its first path is {rows['path'].iloc[0]}, "
            f"theirs {images['path'].iloc[0]}; set data.split_file to the table of these images"
        )
    gone = ~rows["path"].isin(images["path"])
    if "content_hash" in rows:
        gone &= ~rows["content_hash"].isin(images["content_hash"])
    if gone.any():
        logger.warning(
            "%d of the %d images that %s names are gone: %s",
            gone.sum(),
            len(rows),
            file,
            first_few(rows["path"][gone]),
        )
