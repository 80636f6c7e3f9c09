"""Train, val and test without a group on two sides."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lightning_skin.errors import InputError

SPLITS = ("train", "val", "test")


def assign_splits(
    labels: Sequence[str], groups: Sequence[str], fractions: Sequence[float], seed: int
) -> npt.NDArray[np.str_]:
    """Split images by group, each class in the same proportions.

    Within a class, groups go from large to small, in a seeded order where they are equally large, each
    to the split that is furthest below its share. So every split gets large and small groups alike, and
    its size is off by less than one small group. The result depends on names and seed only, not on the
    order of the images.

    Args:
        labels: Class of each image; a group with several classes counts for its most frequent one.
        groups: Lesion or patient of each image.
        fractions: Shares of train, val and test; positive, sum 1.
        seed: Of the order of equally large groups.

    Returns:
        The split of each image: ``train``, ``val`` or ``test``.

    Raises:
        InputError: ``fractions`` are no shares, or a class has too few groups for every split.
    """
    if len(fractions) != len(SPLITS) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise InputError(f"fractions are {list(fractions)}, expected three positive shares that sum to 1")
    split_of_group: dict[str, str] = {}
    table = pd.DataFrame({"label": labels, "group": groups})
    label_of_group = table.groupby("group")["label"].agg(_most_frequent)
    sizes = table["group"].value_counts()
    for label, members in label_of_group.groupby(label_of_group):
        names = sorted(members.index, key=lambda group: (-sizes[group], _shuffle_key(seed, group)))
        if len(names) < len(SPLITS):
            raise InputError(
                f"class {label} has {len(names)} group(s) of images (lesions, patients, or copies "
                f"of one image), expected at least {len(SPLITS)} so that train, val and test get one each; "
                "add images or remove the class"
            )
        split_of_group.update(_fill(names, [int(sizes[name]) for name in names], fractions))
    return np.array([split_of_group[group] for group in groups])


def _fill(names: Sequence[str], sizes: Sequence[int], fractions: Sequence[float]) -> dict[str, str]:
    targets = np.asarray(fractions) * sum(sizes)
    filled = np.zeros(len(SPLITS))
    chosen: dict[str, str] = {}
    for position, (name, size) in enumerate(zip(names, sizes, strict=True)):
        empty = np.flatnonzero(filled == 0)
        left = len(names) - position
        # The last groups are kept for splits that would otherwise stay empty.
        open_splits = empty if len(empty) >= left else np.arange(len(SPLITS))
        missing = 1 - filled[open_splits] / targets[open_splits]
        best = open_splits[np.lexsort((-targets[open_splits], -missing))[0]]
        filled[best] += size
        chosen[name] = SPLITS[best]
    return chosen


def _most_frequent(labels: "pd.Series[str]") -> str:
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def _shuffle_key(seed: int, group: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest()
