from collections import Counter

import numpy as np
import pytest

from lightning_skin.data.split import assign_splits
from lightning_skin.errors import InputError

FRACTIONS = (0.7, 0.15, 0.15)


def lesions(counts: dict[str, int], seed: int = 0) -> tuple[list[str], list[str]]:
    """Labels and groups of images: one to four of each lesion."""
    generator = np.random.default_rng(seed)
    pairs = [
        (label, f"{label}_{number}")
        for label, count in counts.items()
        for number in range(count)
        for _ in range(generator.integers(1, 5))
    ]
    return [label for label, _ in pairs], [group for _, group in pairs]


def test_no_group_stands_on_two_sides() -> None:
    labels, groups = lesions({"mel": 40, "nv": 200, "df": 5})
    splits = assign_splits(labels, groups, FRACTIONS, seed=0)
    assert len(set(zip(groups, splits, strict=True))) == len(set(groups)) == 245


@pytest.mark.parametrize("fractions", [FRACTIONS, (0.5, 0.3, 0.2), (0.1, 0.1, 0.8)])
def test_each_class_is_split_in_its_shares(fractions: tuple[float, float, float]) -> None:
    labels, groups = lesions({"mel": 100, "nv": 400})
    splits = assign_splits(labels, groups, fractions, seed=3)
    counts = Counter(zip(labels, splits, strict=True))
    for label in ("mel", "nv"):
        shares = [counts[label, split] / labels.count(label) for split in ("train", "val", "test")]
        assert shares == pytest.approx(fractions, abs=0.01)


def test_single_images_are_split_exactly() -> None:
    splits = assign_splits(["nv"] * 20, [str(number) for number in range(20)], FRACTIONS, seed=0)
    assert Counter(splits.tolist()) == {"train": 14, "val": 3, "test": 3}


@pytest.mark.parametrize("fractions", [FRACTIONS, (0.98, 0.01, 0.01), (0.01, 0.01, 0.98)])
def test_three_groups_give_one_to_each_split(fractions: tuple[float, float, float]) -> None:
    splits = assign_splits(["df"] * 7, ["a", "b", "b", "c", "c", "c", "c"], fractions, seed=0)
    by_group = dict(zip("abbcccc", splits.tolist(), strict=True))
    assert sorted(by_group.values()) == ["test", "train", "val"]


def test_large_group_does_not_land_in_the_smallest_split() -> None:
    groups = ["big"] * 30 + [str(number) for number in range(30)]
    splits = assign_splits(["nv"] * 60, groups, FRACTIONS, seed=0)
    assert set(splits[:30]) == {"train"}
    assert Counter(splits.tolist()) == {"train": 42, "val": 9, "test": 9}


def test_order_of_the_images_does_not_matter() -> None:
    labels, groups = lesions({"mel": 30, "nv": 60})
    order = np.random.default_rng(1).permutation(len(labels))
    splits = assign_splits(labels, groups, FRACTIONS, seed=0)
    shuffled = assign_splits([labels[i] for i in order], [groups[i] for i in order], FRACTIONS, seed=0)
    assert shuffled.tolist() == splits[order].tolist()


def test_seed_alone_decides_among_groups_of_one_size() -> None:
    labels, groups = lesions({"mel": 30, "nv": 60})
    splits = assign_splits(labels, groups, FRACTIONS, seed=0)
    assert assign_splits(labels, groups, FRACTIONS, seed=0).tolist() == splits.tolist()
    assert assign_splits(labels, groups, FRACTIONS, seed=1).tolist() != splits.tolist()


def test_group_of_two_classes_counts_for_the_more_frequent_one() -> None:
    labels = ["mel", "nv", "nv"] + ["nv"] * 3 + ["mel"] * 3
    groups = ["both", "both", "both", "n1", "n2", "n3", "m1", "m2", "m3"]
    splits = assign_splits(labels, groups, (0.4, 0.3, 0.3), seed=0)
    assert len(set(splits[:3])) == 1
    # With the mixed group there are four groups of nv and three of mel, which therefore get one split each.
    assert sorted(splits[6:]) == ["test", "train", "val"]
    assert set(splits[:6]) == {"train", "val", "test"}


@pytest.mark.parametrize(
    "fractions", [(0.7, 0.3), (0.7, 0.3, 0.0), (0.7, 0.2, 0.2), (1.2, -0.1, -0.1), (0.4, 0.3, 0.2, 0.1)]
)
def test_fractions_that_are_no_shares_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="expected positive shares of train, val, test that sum to 1"):
        assign_splits(["a"] * 9, list("abcdefghi"), fractions, seed=0)


def test_class_of_two_groups_is_refused() -> None:
    labels = ["nv"] * 5 + ["df"] * 8
    groups = list("abcde") + ["f"] * 4 + ["g"] * 4
    with pytest.raises(InputError, match=r"class df has 2 group\(s\).*expected at least 3"):
        assign_splits(labels, groups, FRACTIONS, seed=0)


def test_two_parts_need_two_groups_of_a_class() -> None:
    splits = assign_splits(["df"] * 4, ["a", "b", "b", "b"], (0.9, 0.1), seed=0, splits=("train", "val"))
    assert splits.tolist() == ["val", "train", "train", "train"]
