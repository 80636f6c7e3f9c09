"""Train, val and test without a group on two sides."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from lightning_skin.errors import InputError

SPLITS = ("train", "val", "test")

TOLERANCE = 0.015
"""By how much dealing groups in turn may miss the share of a split in a class."""

Codes = npt.NDArray[np.intp]


def assign_splits(
    labels: Sequence[str],
    groups: Sequence[str],
    fractions: Sequence[float],
    seed: int,
    splits: Sequence[str] = SPLITS,
    kept: Sequence[str] | None = None,
) -> npt.NDArray[np.str_]:
    """Split images by group, each class in the same proportions.

    Within a class, groups go from large to small, in a seeded order where they are equally large, each
    to the split that is furthest below its share. So every split gets large and small groups alike, and
    its size is off by less than one small group. Where groups are too large for that, and a share is missed
    by more than 1.5 percentage points, each goes only where it fits, as long as it fits anywhere. The result
    depends on names and seed only, not on the order of the images.

    Args:
        labels: Class of each image; a group with several classes counts for its most frequent one.
        groups: Lesion or patient of each image.
        fractions: Share of each split; positive, sum 1.
        seed: Of the order of equally large groups.
        splits: Their names.
        kept: Split that each image has already, empty where it has none; the rest of its group follows, and
            what it fills counts towards the shares. ``None`` where no image has one.

    Returns:
        The split of each image.

    Raises:
        InputError: ``fractions`` are no shares, or a class has too few groups for every split.
    """
    if len(fractions) != len(splits) or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise InputError(
            f"fractions are {list(fractions)}, expected positive shares of {', '.join(splits)} that sum to 1"
        )
    label_of_image, classes = _coded(labels)
    group_of_image, names = _coded(groups)
    sizes = np.bincount(group_of_image)
    label_of_group = _most_frequent(group_of_image, label_of_image, len(names))
    split_of_image = _split_codes(kept, splits, len(labels))
    split_of_group = _most_frequent(group_of_image, split_of_image, len(names))
    split_of_image = np.where(split_of_image < 0, split_of_group[group_of_image], split_of_image)
    filled = np.zeros((len(classes), len(splits)), dtype=np.int64)
    decided = split_of_image >= 0
    np.add.at(filled, (label_of_group[group_of_image[decided]], split_of_image[decided]), 1)

    order = np.lexsort((_shuffle_keys(seed, names), -sizes, label_of_group))
    order = order[split_of_group[order] < 0]
    bounds = np.searchsorted(label_of_group[order], np.arange(len(classes) + 1))
    for label, name in enumerate(classes):
        members = order[bounds[label] : bounds[label + 1]]
        if len(members) < len(splits) and not filled[label].any():
            _refuse_few(name, len(members), splits)
        split_of_group[members] = _fill(sizes[members].tolist(), fractions, filled[label].tolist())
    return np.asarray(splits)[np.where(decided, split_of_image, split_of_group[group_of_image])]


def assign_fold(
    labels: Sequence[str], groups: Sequence[str], fractions: Sequence[float], seed: int, folds: int, fold: int
) -> npt.NDArray[np.str_]:
    """Split images for one round of a cross-validation.

    Over all rounds every image is in test once; train and val share the others.

    Args:
        labels: Class of each image.
        groups: Lesion or patient of each image.
        fractions: Shares of train, val and test; the last is not used.
        seed: Of the split; the same for all rounds.
        folds: Number of rounds, at least 2.
        fold: The round, from 0.

    Returns:
        The split of each image.

    Raises:
        InputError: A class has too few groups.
    """
    _require_groups_for(folds, labels, groups)
    names = [f"fold {number}" for number in range(folds)]
    splits = assign_splits(labels, groups, [1 / folds] * folds, seed, names)
    rest = splits != names[fold]
    splits[:] = "test"
    splits[rest] = assign_splits(
        np.asarray(labels, dtype=object)[rest].tolist(),
        np.asarray(groups, dtype=object)[rest].tolist(),
        train_and_val(fractions),
        seed,
        SPLITS[:2],
    )
    return splits


def _require_groups_for(folds: int, labels: Sequence[str], groups: Sequence[str]) -> None:
    label_of_image, classes = _coded(labels)
    group_of_image, names = _coded(groups)
    counts = np.bincount(
        _most_frequent(group_of_image, label_of_image, len(names)), minlength=len(classes)
    ).tolist()
    fewest, label = min(zip(counts, classes, strict=True))
    if fewest < folds:
        # Beside its group in test, a class needs one in train and one in val.
        fewer = f"set data.folds to at most {fewest}, " if fewest >= len(SPLITS) else ""
        raise InputError(
            f"class {label} has {fewest} group(s) of images (lesions, patients, or copies of one image), "
            f"too few for data.folds={folds}; {fewer}add images, or drop the class with "
            f"data.labels={{{label}: null}}"
        )


def train_and_val(fractions: Sequence[float]) -> tuple[float, float]:
    """Shares of train and val, in the proportion of ``fractions``, of images without those of test."""
    train, val = fractions[:2]
    return train / (train + val), val / (train + val)


def _coded(texts: Sequence[str]) -> tuple[Codes, Sequence[str]]:
    # Sorted, so that no result depends on the order of the images.
    codes, names = pd.factorize(np.asarray(texts, dtype=object), sort=True)
    return codes, names.tolist()


def _split_codes(kept: Sequence[str] | None, splits: Sequence[str], count: int) -> Codes:
    if kept is None:
        return np.full(count, -1)
    return pd.Index(splits).get_indexer(pd.Index(kept))


def _most_frequent(group_of_image: Codes, value_of_image: Codes, groups: int) -> Codes:
    """The value that most images of each group have, the smallest of equals; -1 where none has one."""
    found = np.full(groups, -1)
    known = value_of_image >= 0
    if known.any():
        radix = value_of_image.max() + 1
        pairs, counts = np.unique(group_of_image[known] * radix + value_of_image[known], return_counts=True)
        group, value = np.divmod(pairs, radix)
        # The last write wins, so that the most frequent value comes last.
        order = np.lexsort((-value, counts, group))
        found[group[order]] = value[order]
    return found


def _fill(sizes: Sequence[int], fractions: Sequence[float], filled: Sequence[int]) -> list[int]:
    """Deal groups, from large to small, to parts that hold ``filled`` images already."""
    total = sum(filled) + sum(sizes)
    targets = [share * total for share in fractions]

    def missed(parts: list[int]) -> float:
        found = np.bincount(parts, weights=sizes, minlength=len(targets)) + filled
        return float(np.abs(found - targets).max()) / total

    parts = _deal_in_turn(sizes, targets, list(filled))
    if not sizes or missed(parts) <= TOLERANCE:
        return parts
    return min(parts, _deal_where_it_fits(sizes, targets, list(filled)), key=missed)


def _deal_in_turn(sizes: Sequence[int], targets: Sequence[float], filled: list[int]) -> list[int]:
    """An empty part is furthest below its share, so that the first groups fill all."""
    parts = range(len(targets))
    chosen = []
    for size in sizes:
        best = min(parts, key=lambda part: (filled[part] / targets[part], -targets[part]))
        filled[best] += size
        chosen.append(best)
    return chosen


def _deal_where_it_fits(sizes: Sequence[int], targets: Sequence[float], filled: list[int]) -> list[int]:
    """A group that fits nowhere goes where most is lacking; the last groups go to parts that are empty."""
    chosen = []
    for position, size in enumerate(sizes):
        empty = [part for part, images in enumerate(filled) if images == 0]
        parts = empty if len(empty) >= len(sizes) - position else range(len(targets))
        if fitting := [part for part in parts if filled[part] + size <= targets[part]]:
            best = min(fitting, key=lambda part: (filled[part] / targets[part], -targets[part]))
        else:
            best = max(parts, key=lambda part: targets[part] - filled[part])
        filled[best] += size
        chosen.append(best)
    return chosen


def _shuffle_keys(seed: int, names: Sequence[str]) -> npt.NDArray[np.uint64]:
    digests = [hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def _refuse_few(label: str, groups: int, splits: Sequence[str]) -> None:
    raise InputError(
        f"class {label} has {groups} group(s) of images (lesions, patients, or copies "
        f"of one image), expected at least {len(splits)} so that {', '.join(splits)} get one each; "
        "add images or remove the class"
    )
