"""What splits share, which they should not."""

import logging
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lightning_skin.data.manifest import Manifest
from lightning_skin.data.split import SPLITS
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

ANY_TWO = "any two"
"""Name of the rows of the leak table that count what any two splits share, once."""


def leak_table(manifest: Manifest) -> pd.DataFrame:
    """Count, for every pair of splits and every class, what they share.

    Returns:
        Columns ``splits`` (such as ``train and test``; last ``any two``, where nothing is counted twice),
        ``label``, ``groups`` (with images in both splits), ``images`` (of these groups, in either split) and
        ``duplicates`` (images, in either split, whose file stands byte by byte in the other one). A group of
        several classes counts for each of them.
    """
    table = manifest.table
    split = pd.Index(SPLITS).get_indexer(pd.Index(table["split"]))
    labels, class_names = pd.factorize(table["label"], sort=True)
    groups, in_group = _presence(table["group"], split)
    _, in_content = _presence(table["content_hash"], split)
    pairs = [*combinations(range(len(SPLITS)), 2), tuple(range(len(SPLITS)))]
    parts = []
    for pair in pairs:
        inside = np.isin(split, pair)
        leaks = inside & (in_group[:, pair].sum(axis=1) > 1)
        copied = inside & (in_content[:, pair].sum(axis=1) > 1)
        of_groups = np.unique(groups[leaks] * len(class_names) + labels[leaks]) % len(class_names)
        counted = {"groups": of_groups, "images": labels[leaks], "duplicates": labels[copied]}
        counts = {name: np.bincount(found, minlength=len(class_names)) for name, found in counted.items()}
        name = " and ".join(SPLITS[part] for part in pair) if len(pair) == 2 else ANY_TWO
        parts.append(pd.DataFrame({"splits": name, "label": class_names, **counts}))
    return pd.concat(parts, ignore_index=True)


def leaking_groups(manifest: Manifest) -> list[str]:
    """Groups with images in more than one split, sorted."""
    pairs = manifest.table[["group", "split"]].drop_duplicates()
    return sorted(set(pairs["group"][pairs["group"].duplicated()]))


def judge_leakage(manifest: Manifest, allow_leakage: bool) -> None:
    """Refuse a split that divides a group, or warn of it where that is allowed.

    Raises:
        InputError: It divides one, which is not allowed.
    """
    if not (leaking := leaking_groups(manifest)):
        return
    first = manifest.table[manifest.table["group"] == leaking[0]].drop_duplicates("split")["path"]
    leak = (
        f"the split of {manifest.root} leaks: {len(leaking)} group(s) of images (lesions, patients, copies "
        f"or near-duplicates) stand in two splits, such as {' and '.join(first)}"
    )
    if not allow_leakage:
        raise InputError(
            f"{leak}; mend the split, leave repeated images out with data.copies=drop and "
            "data.near_duplicates=drop, or accept inflated scores with data.allow_leakage=true"
        )
    logger.warning("Scores are inflated: %s", leak)


def known_from_training(tested: Manifest, trained: Manifest) -> npt.NDArray[np.str_]:
    """Find the test images of one data set that the training images of another, or of the same, give away.

    Ids of lesions and patients are compared as they stand, so that two tables that number theirs alike seem
    to share them. Images without an id are compared by their path where both lie in one folder.

    Args:
        tested: Holds the test images.
        trained: Holds the training images.

    Returns:
        For each row of ``tested.rows("test")``: ``image`` where the file was trained on, byte by byte;
        ``group`` where another image of its lesion or patient was; else empty.
    """
    test, train = tested.rows("test"), trained.rows("train")
    groups = set(train["group"]).union(train.get("own_group", []))
    if tested.root != trained.root:
        groups -= set(trained.table["path"])
    same_image = test["content_hash"].isin(set(train["content_hash"]))
    same_group = test["group"].isin(groups) | test.get("own_group", test["group"]).isin(groups)
    return np.where(same_image, "image", np.where(same_group, "group", ""))


def _presence(
    values: "pd.Series[str]", split: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Number each value, and say of each image in which splits its value stands ``(N, splits)``."""
    codes, names = pd.factorize(values)
    present = np.zeros((len(names), len(SPLITS)), dtype=bool)
    present[codes, split] = True
    return codes, present[codes]
