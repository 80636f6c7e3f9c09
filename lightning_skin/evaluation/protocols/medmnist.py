"""DermaMNIST, the dermoscopy set of MedMNIST (Yang et al., Scientific Data 10:41): scores and result files.

Both are those of the ``Evaluator`` of the ``medmnist`` package for multi-class sets.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import IntArray, weighted_scores

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
"""In the order of its labels 0 to 6."""
IMAGES = {"train": 7007, "val": 1003, "test": 2005}
"""Of each official split."""
NUMBERED = re.compile(r"(?:.*/)?(\d+)\.png")
"""An image that ``data=medmnist`` unpacked, called after its place in the file, from 1 on."""


def check(name: str, class_names: Sequence[str], num_images: int, split: str) -> None:
    """Make sure that a table can be of the benchmark.

    Args:
        name: Of the protocol.
        class_names: Of the table; case does not count.
        num_images: Of the table.
        split: That they are of.

    Raises:
        InputError: Classes or number of images are not those of the official split.
    """
    if sorted(map(str.lower, class_names)) != sorted(CLASSES):
        raise InputError(
            f"evaluation.protocols={name} needs the classes {', '.join(CLASSES)}, found "
            f"{', '.join(class_names)}; leave the protocol out"
        )
    if num_images != IMAGES[split]:
        raise InputError(
            f"evaluation.protocols={name} needs the {IMAGES[split]} images of the official {split} split, "
            f"found {num_images}; take all of data=dermamnist or data=medmnist, or leave the protocol out"
        )


def score(table: Predictions) -> dict[str, float]:
    """Score a table as MedMNIST does.

    Args:
        table: That ``check`` lets pass.

    Returns:
        ``auc``, the mean of the one-vs-rest areas under the ROC curve, undefined where one of them is; and
        ``acc``, the share of images whose most probable class, the first of equals in the benchmark's order,
        is the true one.
    """
    table = _in_its_order(table)
    scores = weighted_scores(table.labels, table.probabilities, np.ones(len(table.labels)))
    return {"auc": float(scores.per_class["auroc"].mean()), "acc": float(scores.overall["accuracy"])}


def file_name(name: str, split: str, scores: dict[str, float], run: str) -> str:
    """The name of a result file: ``<name>_<split>_[AUC]x.xxx_[ACC]x.xxx@<run>.csv``."""
    return f"{name}_{split}_[AUC]{scores['auc']:.3f}_[ACC]{scores['acc']:.3f}@{run}.csv"


def write_results(table: Predictions, path: Path) -> None:
    """Write the probabilities as ``Evaluator.parse_and_evaluate`` reads them, complete or not at all.

    Without a header: the place of the image in the benchmark's file, from 0 on, then the probability of each
    class. The places are known of images from ``data=medmnist``; others are numbered as they come, and only
    the scores can be compared.

    Args:
        table: That ``check`` lets pass.
        path: CSV file; an older one is replaced.
    """
    rows = pd.DataFrame(_in_its_order(table).probabilities, index=_places(table)).sort_index()
    with atomic_path(path) as temporary:
        rows.to_csv(temporary, header=False, float_format="%.9g")


def _in_its_order(table: Predictions) -> Predictions:
    names = {name.lower(): name for name in table.class_names}
    return table.with_classes([names[name] for name in CLASSES])


def _places(table: Predictions) -> IntArray:
    numbered = [NUMBERED.fullmatch(image) for image in table.images.tolist()]
    places = np.array([int(found[1]) - 1 for found in numbered if found], np.int64)
    in_order = np.arange(len(numbered))
    return places if np.array_equal(np.sort(places), in_order) else in_order
