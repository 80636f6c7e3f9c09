"""Tables whose rows are images: which lesion an image shows, of whom, and in which file."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.data.identity import identity_groups, known_ids
from lightning_skin.data.listing import visible
from lightning_skin.data.reading import IMAGE_SUFFIXES
from lightning_skin.data.table_file import read_table, require_columns
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

KNOWN = {
    "lesion_id": "lesion",
    "patient_id": "patient",
    "age": "age",
    "sex": "sex",
    "localization": "site",
    "dataset": "source",
}
"""HAM10000's columns and their names in the manifest. ``dx_type`` is not among them: it leaks the label."""


def find_metadata(folder: Path) -> Path | None:
    """The one metadata table in ``folder``, or ``None``.

    Raises:
        InputError: There are several.
    """
    found = [
        path
        for path in visible(folder)
        if "metadata" in path.name.lower()
        and path.suffix.lower() in {"", ".csv", ".tab", ".tsv"}
        and path.is_file()
    ]
    if len(found) > 1:
        raise InputError(
            f"{folder} holds {len(found)} metadata tables ({first_few(path.name for path in found)}), "
            "expected one; move the others away, or with data=folder name one with data.metadata=TABLE"
        )
    return found[0] if found else None


def read_metadata(path: Path) -> pd.DataFrame:
    """Read a table with HAM10000's columns.

    Returns:
        Text columns, indexed by ``image_id``, a file name whose suffix is left out.

    Raises:
        InputError: As ``read_rows``; or there is neither ``lesion_id`` nor ``patient_id`` nor ``dx``.
    """
    rows = read_rows(path, "data.metadata", "image_id")
    if not {"lesion_id", "patient_id", "dx"} & set(rows):
        raise InputError(
            f"{path} has the columns image_id, {', '.join(map(str, rows))}, "
            "expected image_id and at least one of lesion_id, patient_id and dx; rename them"
        )
    return rows


def read_rows(path: Path, key: str, image_column: str, required: Sequence[str] = ()) -> pd.DataFrame:
    """Read a table with one row for each image.

    Args:
        path: Its file.
        key: The setting that names it, for messages.
        image_column: Names the image, with or without the suffix of its file.
        required: Columns that must be there too.

    Returns:
        Text columns, indexed by the image's file name without suffix.

    Raises:
        InputError: The table is missing, unreadable or empty, lacks a column, or leaves an image out or
            names it twice.
    """
    table = read_table(path, key)
    require_columns(table, (image_column, *required), path)
    suffix = "|".join(sorted(suffix[1:] for suffix in IMAGE_SUFFIXES))
    table[image_column] = table[image_column].str.replace(rf"(?i)\.({suffix})$", "", regex=True)
    if (nameless := table[image_column] == "").any():
        lines = (row + 2 for row in table.index[nameless])  # the header is the first line
        raise InputError(
            f"{path} has {nameless.sum()} row(s) without {image_column}, in line(s) {first_few(lines)}; "
            "fill it in or remove them"
        )
    if (twice := table[image_column].duplicated()).any():
        raise InputError(
            f"{path} names {twice.sum()} image(s) more than once: {first_few(table[image_column][twice])}; "
            "keep one row of each"
        )
    return table.set_index(image_column)


def with_paths(rows: pd.DataFrame, paths: Sequence[str], top: Path, table_file: Path) -> pd.DataFrame:
    """Keep the rows whose image is there, and say where.

    Files of one name and size count as one image, such as the second copy of every image in a common
    download of HAM10000.

    Args:
        rows: As read by ``read_rows``.
        paths: Image files relative to ``top``.
        top: The data's folder.
        table_file: Of ``rows``, for messages.

    Returns:
        The rows with a column ``path``. Rows without an image and images without a row are left out with a
        warning.

    Raises:
        InputError: No image has a row, or files of one name differ in size.
    """
    files = pd.Series(list(paths), index=[image_name(path) for path in paths], dtype=str)
    named = files.index.isin(rows.index)
    if not named.any():
        raise InputError(
            f"{top} holds none of the {len(rows)} images that {table_file.name} names, such as "
            f"{rows.index[0]}, but {len(files)} other image(s) ({first_few(files)}); set data.root=FOLDER to "
            "the folder of the table's images"
        )
    if not named.all():
        logger.warning(
            "%s has no row for %d image(s), which are left out: %s; add rows to use them",
            table_file,
            (~named).sum(),
            first_few(files[~named]),
        )
    files = _once(files[named], top)
    present = rows.index.isin(files.index)
    if not present.all():
        logger.warning(
            "%d of the %d images that %s names are missing: %s; unpack all its images to use them",
            (~present).sum(),
            len(rows),
            table_file,
            first_few(rows.index[~present]),
        )
    return rows[present].assign(path=files.reindex(rows.index[present]))


def image_name(path: str) -> str:
    """The file name without folders and suffix."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _once(files: "pd.Series[str]", top: Path) -> "pd.Series[str]":
    again = files[files.index.duplicated()]
    if again.empty:
        return files
    kept = files[~files.index.duplicated()]
    pairs = list(zip(again, kept[again.index], strict=True))
    # Sizes tell a copy from a resized image at no cost; the manifest joins what is left by content.
    if differ := [f"{kept} and {path}" for path, kept in pairs if _size(top / path) != _size(top / kept)]:
        raise InputError(
            f"{top} holds {len(differ)} image(s) under one name in several sizes: {first_few(differ)}; "
            "keep one of each, or set data.root=FOLDER to a folder that holds one of each"
        )
    logger.warning(
        "%s holds %d image(s) more than once, which are taken once: %s",
        top,
        len(again),
        first_few(f"{path}, a copy of {kept}" for path, kept in pairs),
    )
    return kept


def _size(path: Path) -> int:
    return path.stat().st_size


def facts(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Take over what is known of the images under the manifest's names, with the group of each.

    An image belongs to its patient, or where none is known to its lesion. Images that share a lesion or a
    patient share a group, over any number of steps.

    Args:
        rows: Of images.
        names: Columns of ``rows`` and their names in the manifest; those that ``rows`` lacks are passed over.

    Returns:
        ``group``, empty where nothing is known, then ``lesion`` and ``patient`` if both are, and the others.
    """
    columns = [column for column in names if column in rows]
    known = rows[columns].rename(columns=names)
    for column in columns:
        if names[column] in ("lesion", "patient"):
            known[names[column]] = known_ids(rows[column], column)
    if not {"lesion", "patient"} <= set(known):
        known = known.rename(columns={"lesion": "group", "patient": "group"})
        return known if "group" in known else known.assign(group="")
    return known.assign(group=identity_groups(known["lesion"], known["patient"]))


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
    image_ids = images["path"].map(image_name)
    known = image_ids.isin(metadata.index)
    if not known.any():
        raise InputError(
            f"{path} has no row for any of the {len(images)} images: its first image_id is "
            f"{metadata.index[0]}, the first image {image_ids.iloc[0]}; name the right data.metadata=TABLE"
        )
    rows = metadata.reindex(image_ids).fillna("").set_index(images.index)
    table = pd.concat([images, facts(rows, KNOWN)], axis=1)
    if "dx" in rows:
        _check_labels(table, rows["dx"], path)
        table["label"] = table["label"].where(table["label"] != "", rows["dx"])
    if (unlabelled := table["label"] == "").any():
        raise InputError(
            f"{path} gives no dx for {unlabelled.sum()} image(s): {first_few(table['path'][unlabelled])}; "
            "fill it in, or move the images away"
        )
    if not known.all():
        logger.warning(
            "%s has no row for %d image(s), of which each counts as a lesion of its own: %s; add rows to "
            "keep lesions together",
            path,
            (~known).sum(),
            first_few(table["path"][~known]),
        )
    return table


def _check_labels(table: pd.DataFrame, diagnoses: "pd.Series[str]", path: Path) -> None:
    # Folders may have names of their own (melanoma for mel); only one that the table uses can contradict it.
    comparable = table["label"].isin(set(diagnoses) - {""}) & (diagnoses != "")
    differs = comparable & (table["label"] != diagnoses)
    if differs.any():
        pairs = zip(table["path"][differs], diagnoses[differs], strict=True)
        raise InputError(
            f"{path} and the folders disagree on {differs.sum()} image(s): "
            f"{first_few(f'{image} has dx {dx}' for image, dx in pairs)}; move the images or mend the table"
        )
