"""The ISIC challenges of 2018 (Task 3) and 2019: one-hot ground truth, lesion ids, an official split.

::

    root/
      ISIC2018_Task3_Training_Input/ISIC_*.jpg
      ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv   image,MEL,NV,BCC,AKIEC,...
      ISIC2018_Task3_Training_LesionGroupings.csv                                   image,lesion_id,...
      ISIC2018_Task3_{Validation,Test}_{Input,GroundTruth}/...                      optional

    root/
      ISIC_2019_Training_Input/ISIC_*.jpg             also ISIC_*_downsampled.jpg
      ISIC_2019_Training_GroundTruth.csv              image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK
      ISIC_2019_Training_Metadata.csv                 image,age_approx,anatom_site_general,lesion_id,sex
      ISIC_2019_Test_{Input,GroundTruth.csv,Metadata.csv}                            optional

Tables lie in ``root`` or in a folder of it, images anywhere below. Labels are HAM10000's, in lower case, with
AK among ``akiec``; then ``scc`` and ``unknown``, a class of the 2019 test set alone.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from lightning_skin.data import malignant
from lightning_skin.data.examples import first_few
from lightning_skin.data.listing import contents, image_paths, visible_folders
from lightning_skin.data.metadata import facts, read_rows, with_paths
from lightning_skin.data.sources import Source, existing_folder
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

PARTS = {"Training": "train", "Validation": "val", "Test": "test"}

LABELS_2018 = {name.upper(): name for name in ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")}
LABELS_2019 = {"AK" if name == "AKIEC" else name: label for name, label in LABELS_2018.items()} | {
    "SCC": "scc",
    "UNK": "unknown",
}

SCORE_WEIGHT = "score_weight"
"""What an image counts in the score: a column of the ground truth of the test set of 2019."""

KNOWN = {
    "lesion_id": "lesion",
    "age_approx": "age",
    "sex": "sex",
    "anatom_site_general": "site",
}
"""How a diagnosis was confirmed is not among them: it leaks the label."""


class _Challenge(NamedTuple):
    """What sets a challenge apart: the beginning of its names, classes, table of lesions, malignant labels."""

    name: str
    prefix: str
    labels: Mapping[str, str]
    lesions: str
    malignant: tuple[str, ...]


def isic2018(root: str) -> Source:
    """Read Task 3 of the ISIC challenge of 2018.

    The official split is kept where the test set is there with its ground truth; else the training set is
    left to be split by lesion.

    Raises:
        InputError: A table is missing or cannot be used; the message says what was expected and found.
    """
    return _read(root, _Challenge("isic2018", "ISIC2018_Task3_", LABELS_2018, "LesionGroupings", malignant.HAM10000))


def isic2019(root: str) -> Source:
    """Read the ISIC challenge of 2019, as ``isic2018`` does.

    ``data.labels={unknown: null}`` leaves out the class that only the test set has.

    Raises:
        InputError: A table is missing or cannot be used; the message says what was expected and found.
    """
    return _read(root, _Challenge("isic2019", "ISIC_2019_", LABELS_2019, "Metadata", malignant.ISIC))


def _read(root: str, challenge: _Challenge) -> Source:
    top = existing_folder(root)
    truths = {part: _find(top, f"{challenge.prefix}{part}_GroundTruth.csv") for part in PARTS}
    parts = {part: truth for part, truth in truths.items() if truth is not None}
    if not parts:
        raise InputError(
            f"{top} holds no ground truth but {contents(top)}, expected "
            f"{challenge.prefix}Training_GroundTruth.csv in it or in a folder of it"
        )
    if "Test" not in parts and len(parts) > 1:
        logger.warning(
            "%s holds no ground truth of the test set, so there is no official split: Validation, whose "
            "lesions are not known, is left out and Training split",
            top,
        )
        parts.pop("Validation")
    rows = pd.concat([_read_part(top, challenge, part, truth) for part, truth in parts.items()]).fillna("")
    named = f"{{{','.join(parts)}}}" if len(parts) > 1 else next(iter(parts))
    tables = top / f"{challenge.prefix}{named}_GroundTruth.csv"
    if (twice := rows.index.duplicated()).any():
        raise InputError(
            f"{tables} name {twice.sum()} image(s) in more than one part: {first_few(rows.index[twice])}; "
            "keep one row of each"
        )
    if "Test" not in parts:
        rows["split"] = ""
    table = with_paths(rows, image_paths(top), top, tables)
    table = table.assign(source=challenge.name).reset_index(drop=True)
    trained = set(table["label"][table["split"] == "train"])
    if trained and (only := sorted(set(table["label"]) - trained)):
        logger.info(
            "Training has no image of %s; to train, leave out those of the test set with data.labels={%s}",
            first_few(only),
            ", ".join(f"{label}: null" for label in only),
        )
    return Source(top, table, malignant=challenge.malignant)


def _find(top: Path, name: str) -> Path | None:
    places = [top, *visible_folders(top)]
    return next((folder / name for folder in places if (folder / name).is_file()), None)


def _read_part(top: Path, challenge: _Challenge, part: str, truth: Path) -> pd.DataFrame:
    required = [name for name in challenge.labels if name != "UNK"]
    rows = read_rows(truth, "data.root", "image", required)
    labels = _labels(rows, challenge.labels, truth)
    weights = {SCORE_WEIGHT: rows[SCORE_WEIGHT]} if SCORE_WEIGHT in rows else {}
    lesions = _find(top, f"{challenge.prefix}{part}_{challenge.lesions}.csv")
    if lesions is not None:
        known = read_rows(lesions, "data.root", "image")
        if unnamed := sorted(set(rows.index) - set(known.index)):
            logger.warning(
                "%s has no row for %d image(s), of which each counts as a lesion of its own: %s",
                lesions,
                len(unnamed),
                first_few(unnamed),
            )
        rows = known.reindex(rows.index).fillna("")
    elif part == "Training":
        logger.warning(
            "%s holds no %s%s_%s.csv, which names the lesions; without it a lesion can stand in two splits",
            top,
            challenge.prefix,
            part,
            challenge.lesions,
        )
    return facts(rows, KNOWN).assign(label=labels, split=PARTS[part], **weights)


def _labels(rows: pd.DataFrame, labels: Mapping[str, str], truth: Path) -> "pd.Series[str]":
    columns = [name for name in labels if name in rows]
    values = rows[columns].apply(pd.to_numeric, errors="coerce")
    one_hot = values.isin([0, 1]).all(axis=1) & (values.sum(axis=1) == 1)
    if not one_hot.all():
        raise InputError(
            f"{truth} has {(~one_hot).sum()} row(s) that are not one 1 and else 0 under "
            f"{', '.join(columns)}: {first_few(rows.index[~one_hot])}; mend or remove them"
        )
    return values.idxmax(axis=1).map(labels)
