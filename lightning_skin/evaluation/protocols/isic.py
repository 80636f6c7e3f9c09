"""The ISIC challenges of 2018 (Task 3) and 2019: submissions, and the score that ranked them.

Both rank by balanced accuracy: the mean over classes of the share of their images that is recognised. In
contrast to ``classification_metrics``, an image whose largest confidence two classes share is recognised as
neither, and images can have weights (challenge.isic-archive.com/landing/2019; the rules are those of
isic-challenge-scoring, github.com/ImageMarkup/isic-challenge-scoring).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray

SCORE_WEIGHT = "score_weight"
"""Column of the official ground truth of 2019, and attribute of a table."""
WITHOUT_WEIGHT = "ISIC_0035068"
"""Test image of 2018 that the organisers took out of the scoring, and not out of the files."""
SUFFIX = re.compile(r"(?i)\.(jpe?g|png|bmp|tiff?|webp)$")


class Challenge(NamedTuple):
    """What a challenge asks for.

    Attributes:
        name: Of the challenge.
        columns: Of a submission after ``image``, in order.
        classes: Names of classes in lower case and their columns.
        optional: Columns that a classifier may know nothing of.
    """

    name: str
    columns: tuple[str, ...]
    classes: Mapping[str, str]
    optional: frozenset[str] = frozenset()


_COLUMNS_2018 = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
_COLUMNS_2019 = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")

ISIC2018 = Challenge("isic2018", _COLUMNS_2018, {column.lower(): column for column in _COLUMNS_2018})
ISIC2019 = Challenge(
    "isic2019",
    _COLUMNS_2019,
    {column.lower(): column for column in _COLUMNS_2019} | {"akiec": "AK", "unknown": "UNK"},
    optional=frozenset({"UNK"}),
)


def check(challenge: Challenge, class_names: Sequence[str], images: Sequence[str]) -> None:
    """Make sure that a submission can be written.

    Args:
        challenge: What is asked for.
        class_names: That a classifier tells apart; case does not count.
        images: Names or paths of the images.

    Raises:
        InputError: A class is none of the challenge's, one of its classes is missing, or two images have one
            name once folders and suffixes are left out.
    """
    if odd := [name for name in class_names if name.lower() not in challenge.classes]:
        raise InputError(
            f"evaluation.protocols={challenge.name} has no class {odd[0]}, only "
            f"{', '.join(challenge.classes)}; leave the protocol out, or rename the class with data.labels"
        )
    known = {challenge.classes[name.lower()] for name in class_names}
    if absent := [name for name in challenge.columns if name not in known | challenge.optional]:
        raise InputError(
            f"evaluation.protocols={challenge.name} asks for the class {absent[0]}, which the classifier "
            f"does not know, only {', '.join(class_names)}; leave the protocol out"
        )
    names = pd.Series([_image_name(image) for image in images])
    if (again := names.duplicated()).any():
        raise InputError(
            f"evaluation.protocols={challenge.name} names images without folder and suffix, and "
            f"{names[again].iloc[0]} would stand for two; rename one or leave the protocol out"
        )


def write_submission(challenge: Challenge, table: Predictions, path: Path) -> None:
    """Write the confidences in the format of the challenge, complete or not at all.

    Args:
        challenge: Whose format.
        table: That ``check`` lets pass. Classes that are one to the challenge are added up; one that the
            table lacks gets 0.
        path: CSV file; an older one is replaced.
    """
    columns = dict(zip(challenge.columns, _confidences(challenge, table).T, strict=True))
    images = [_image_name(image) for image in table.images.tolist()]
    with atomic_path(path) as temporary:
        # The challenge refuses a column of whole numbers. Nine decimals tell the largest of a row apart.
        pd.DataFrame({"image": images} | columns).to_csv(temporary, index=False, float_format="%.9f")


def score(challenge: Challenge, table: Predictions) -> dict[str, float]:
    """Score a table as the challenge does.

    Images weigh what the attribute ``score_weight`` says, and 1 where there is none.

    Args:
        challenge: Whose rules.
        table: That ``check`` lets pass.

    Returns:
        ``balanced_accuracy``, and what it rests on: ``count_images`` that weigh anything, ``count_classes``
        among them, and ``count_undecided`` of them, whose largest confidence is that of two classes.

    Raises:
        InputError: A weight is no number of at least 0.
    """
    confidences, weights = _confidences(challenge, table), _weights(table)
    labels = np.array(_columns(challenge, table))[table.labels]
    undecided = (confidences == confidences.max(axis=1, keepdims=True)).sum(axis=1) > 1
    hits = (confidences.argmax(axis=1) == labels) & ~undecided
    of_all, recognised = (
        np.bincount(labels, weights * counted, minlength=len(challenge.columns))
        for counted in (np.ones(len(labels)), hits)
    )
    present = of_all > 0
    recalls = recognised[present] / of_all[present]
    return {
        "balanced_accuracy": float(recalls.mean()) if present.any() else np.nan,
        "count_images": float((weights > 0).sum()),
        "count_classes": float(present.sum()),
        "count_undecided": float((undecided & (weights > 0)).sum()),
    }


def _confidences(challenge: Challenge, table: Predictions) -> FloatArray:
    confidences = np.zeros((len(table.images), len(challenge.columns)))
    for column, probabilities in zip(_columns(challenge, table), table.probabilities.T, strict=True):
        confidences[:, column] += probabilities
    return np.minimum(confidences, 1)


def _columns(challenge: Challenge, table: Predictions) -> list[int]:
    """Place of each class of the table among the columns ``(C,)``."""
    return [challenge.columns.index(challenge.classes[name.lower()]) for name in table.class_names]


def _weights(table: Predictions) -> FloatArray:
    texts = table.attributes.get(SCORE_WEIGHT, np.full(len(table.images), ""))
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(np.float64)
    usable = np.isfinite(numbers) & (numbers >= 0)
    table.refuse((texts != "") & ~usable, f"{SCORE_WEIGHT} is no finite number of at least 0")
    excluded = np.array([_image_name(image) == WITHOUT_WEIGHT for image in table.images.tolist()])
    weights: FloatArray = np.where(excluded, 0, np.where(texts == "", 1, numbers))
    return weights


def _image_name(image: str) -> str:
    return SUFFIX.sub("", image.replace("\\", "/").rpartition("/")[2])
