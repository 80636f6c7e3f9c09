"""Metadata tables with HAM10000's columns: which lesion an image shows, and of whom."""

import logging
from pathlib import Path

import pandas as pd

from lightning_skin.data.reading import IMAGE_SUFFIXES
from lightning_skin.data.table_file import read_table
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

CARRIED = ("age", "sex", "localization")
"""Columns that the manifest takes over. ``dx_type`` is not among them: it leaks the label."""


def find_metadata(folder: Path) -> Path | None:
    """The one metadata table in ``folder``, or ``None``.

    Raises:
        InputError: There are several.
    """
    found = sorted(path for path in folder.glob("*metadata*") if path.suffix.lower() in {"", ".csv", ".tab"})
    found = [path for path in found if path.is_file()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise InputError(
            f"{folder} holds several metadata tables ({names}); name one with data.metadata=TABLE"
        )
    return found[0] if found else None


def read_metadata(path: Path) -> pd.DataFrame:
    """Read a table whose rows are images.

    Returns:
        Text columns, indexed by ``image_id``, a file name whose suffix is left out.

    Raises:
        InputError: The table is missing, unreadable or empty, lacks ``image_id``, or names an image twice.
    """
    table = read_table(path, "data.metadata")
    if "image_id" not in table or not {"lesion_id", "dx"} & set(table):
        raise InputError(
            f"{path} has the columns {', '.join(map(str, table))}, "
            "expected image_id and at least one of lesion_id and dx"
        )
    table["image_id"] = table["image_id"].map(_without_suffix)
    if (twice := table["image_id"].duplicated()).any():
        raise InputError(
            f"{path} names {twice.sum()} image(s) twice, the first is {table['image_id'][twice].iloc[0]}"
        )
    return table.set_index("image_id")


def _without_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if f"{dot}{suffix}".lower() in IMAGE_SUFFIXES else name


def attach_metadata(images: pd.DataFrame, metadata: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Add group, label and facts of each image, found by its file name without suffix.

    Args:
        images: Columns ``path``, ``label`` (empty for "take ``dx``") and ``split``.
        metadata: As read by ``read_metadata``.
        path: Of the metadata table, for messages.

    Raises:
        InputError: The table has no row for any image, or an image has no label or another one than its
            folder says.
    """
    image_ids = images["path"].map(lambda name: Path(name).stem)
    if not image_ids.isin(metadata.index).any():
        raise InputError(
            f"{path} has no row for any of the {len(images)} images: its first image_id is "
            f"{metadata.index[0]}, the first image {image_ids.iloc[0]}; name the right data.metadata=TABLE"
        )
    rows = metadata.reindex(image_ids).fillna("").set_index(images.index)
    known = image_ids.isin(metadata.index)
    table = images.copy()
    table["group"] = rows.get("lesion_id", "")
    if "dx" in rows:
        _check_labels(table, rows["dx"], path)
        table["label"] = table["label"].where(table["label"] != "", rows["dx"])
    if (unlabelled := table["label"] == "").any():
        raise InputError(
            f"{path} gives no dx for {unlabelled.sum()} image(s), "
            f"the first is {table['path'][unlabelled].iloc[0]}"
        )
    if not known.all():
        logger.warning(
            "%s has no row for %d image(s); each counts as a lesion of its own", path, (~known).sum()
        )
    for column in CARRIED:
        if column in rows:
            table[column] = rows[column]
    return table


def _check_labels(table: pd.DataFrame, diagnoses: "pd.Series[str]", path: Path) -> None:
    # Folders may have names of their own (melanoma for mel); only one that the table uses can contradict it.
    comparable = table["label"].isin(set(diagnoses) - {""}) & (diagnoses != "")
    differs = comparable & (table["label"] != diagnoses)
    if differs.any():
        first = int(differs.to_numpy().argmax())
        raise InputError(
            f"{path} and the folders disagree on {differs.sum()} image(s), "
            f"the first is {table['path'].iloc[first]}: dx is {diagnoses.iloc[first]}"
        )
