"""What the ISIC Archive hands out: ``isic image download DIR`` of isic-cli, or a download from its website.

::

    root/
      metadata.csv            isic_id,copyright_license,attribution,diagnosis_1,...,lesion_id,patient_id,...
      ISIC_*.jpg              may also lie in folders
      attribution.txt, licenses/*.txt

Diagnoses are nested, ``diagnosis_1`` (Benign, Malignant or Indeterminate) to ``diagnosis_5``; older downloads
have one column ``diagnosis``.
"""

import logging
from pathlib import Path

import pandas as pd

from lightning_skin.data import malignant
from lightning_skin.data.examples import first_few
from lightning_skin.data.listing import contents, image_paths
from lightning_skin.data.metadata import facts, find_metadata, read_rows, with_paths
from lightning_skin.data.sources import Source, existing_folder
from lightning_skin.data.table_file import read_table, require_columns
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

CLASSES = Path(__file__).with_name("isic_classes.csv")

DIAGNOSES = ("diagnosis_5", "diagnosis_4", "diagnosis_3", "diagnosis_2", "diagnosis_1", "diagnosis")
"""From the most specific to the most general."""

KNOWN = {
    "lesion_id": "lesion",
    "patient_id": "patient",
    "age_approx": "age",
    "sex": "sex",
    "anatom_site_general": "site",
    "copyright_license": "licence",
    "attribution": "source",
}
"""How a diagnosis was confirmed is not among them: it leaks the label."""


def isic_archive(root: str, classes: str | None) -> Source:
    """Read a download of the ISIC Archive.

    The class of an image is that of its most specific diagnosis that the table of classes names; images
    without one are left out with a warning that counts them by diagnosis. Images of one patient form a
    group, and those of one lesion where no patient is known.

    Args:
        root: Holds ``metadata.csv`` and the images.
        classes: Table with the columns ``diagnosis``, in the archive's words and whatever case, and
            ``label``; ``None`` takes ``isic_classes.csv`` beside this module, HAM10000's classes and ``scc``.

    Raises:
        InputError: A table is missing or cannot be used, or no image has a class.
    """
    top = existing_folder(root)
    table_file = find_metadata(top)
    if table_file is None:
        raise InputError(
            f"{top} holds no metadata table but {contents(top)}, expected metadata.csv in it, which "
            "isic image download writes beside the images"
        )
    rows = read_rows(table_file, "data.root", "isic_id")
    nested = [column for column in DIAGNOSES if column in rows]
    if not nested:
        raise InputError(
            f"{table_file} has no column diagnosis_1 to diagnosis_5 nor diagnosis but isic_id, "
            f"{', '.join(map(str, rows))}; download it anew with isic-cli"
        )
    file = CLASSES if classes is None else Path(classes).expanduser()
    labels = _labels(rows[nested], _read_classes(file))
    _report_unclassed(rows[nested], labels, table_file, file)
    table = facts(rows, KNOWN).assign(label=labels, split="")
    table = with_paths(table, image_paths(top), top, table_file)
    table = table[table["label"] != ""]
    known = malignant.ISIC if classes is None else ()
    return Source(top, table.reset_index(drop=True), malignant=known)


def _read_classes(file: Path) -> dict[str, str]:
    table = read_table(file, "data.classes")
    require_columns(table, ("diagnosis", "label"), file)
    diagnoses = table["diagnosis"].str.strip().str.casefold()
    if (twice := diagnoses.duplicated()).any():
        raise InputError(
            f"{file} names {twice.sum()} diagnosis(es) more than once: "
            f"{first_few(table['diagnosis'][twice])}; keep one row of each"
        )
    return dict(zip(diagnoses, table["label"], strict=True))


def _labels(diagnoses: pd.DataFrame, classes: dict[str, str]) -> "pd.Series[str]":
    labels = pd.Series("", index=diagnoses.index, dtype=str)
    for column in diagnoses:
        found = diagnoses[column].str.strip().str.casefold().map(classes).fillna("")
        labels = labels.where(labels != "", found)
    return labels


def _report_unclassed(
    diagnoses: pd.DataFrame, labels: "pd.Series[str]", table_file: Path, classes: Path
) -> None:
    unclassed = labels == ""
    if not unclassed.any():
        return
    deepest = diagnoses[unclassed].replace("", None).bfill(axis=1).iloc[:, 0].fillna("none given")
    counts = first_few(f"{name} ({count})" for name, count in deepest.value_counts().items())
    if unclassed.all():
        raise InputError(
            f"{classes} has a class for none of the {len(labels)} images of {table_file}, whose "
            f"diagnoses are {counts}; name their diagnoses in a table with data.classes=FILE"
        )
    logger.warning(
        "%d of the %d images of %s have a diagnosis without a class and are left out: %s; to use them, name "
        "their diagnoses in a table with data.classes=FILE",
        unclassed.sum(),
        len(labels),
        table_file,
        counts,
    )
