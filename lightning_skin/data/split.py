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
    labels: Sequence[str],
    groups: Sequence[str],
    fractions: Sequence[float],
    seed: int,
    splits: Sequence[str] = SPLITS,
) -> npt.NDArray[np.str_]:
    """Split images by group, each class in the same proportions.

    Within a class, groups go from large to small, in a seeded order where they are equally large, each
    to the split that is furthest below its share. So every split gets large and small groups alike, and
    its size is off by less than one small group. The result depends on names and seed only, not on the
    order of the images.

    Args:
        labels: Class of each image; a group with several classes counts for its most frequent one.
        groups: Lesion or patient of each image.
        fractions: Share of each split; positive, sum 1.
        seed: Of the order of equally large groups.
        splits: Their names.

    Returns:
        The split of each image.

    Raises:
        InputError: ``fractions`` are no shares, or a class has too few groups for every split.
    """
    if len(fractions) != len(splits) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise InputError(
            f"fractions are {list(fractions)}, expected positive shares of {', '.join(splits)} that sum to 1"
        )
    split_of_group: dict[str, str] = {}
    table = pd.DataFrame({"label": labels, "group": groups})
    label_of_group = table.groupby("group")["label"].agg(_most_frequent)
    sizes = table["group"].value_counts()
    for label, members in label_of_group.groupby(label_of_group):
        names = sorted(members.index, key=lambda group: (-sizes[group], _shuffle_key(seed, group)))
        if len(names) < len(splits):
            raise InputError(
                f"class {label} has {len(names)} group(s) of images (lesions, patients, or copies "
                f"of one image), expected at least {len(splits)} so that {', '.join(splits)} get one each; "
                "add images or remove the class"
            )
        parts = _fill([int(sizes[name]) for name in names], fractions)
        split_of_group.update(zip(names, (splits[part] for part in parts), strict=True))
    return np.array([split_of_group[group] for group in groups])


def _fill(sizes: Sequence[int], fractions: Sequence[float]) -> list[int]:
    """Deal groups in turn; an empty part is furthest below its share, so that the first groups fill all."""
    targets = np.asarray(fractions) * sum(sizes)
    filled = np.zeros(len(targets))
    chosen = []
    for size in sizes:
        best = int(np.lexsort((-targets, filled / targets))[0])
        filled[best] += size
        chosen.append(best)
    return chosen


def _most_frequent(labels: "pd.Series[str]") -> str:
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def _shuffle_key(seed: int, group: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest()
