import os
import resource
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lightning_skin.data.split import SPLITS, assign_fold, assign_splits
from lightning_skin.errors import InputError

FRACTIONS = (0.7, 0.15, 0.15)
HAM10000 = {"akiec": 327, "bcc": 514, "bkl": 1099, "df": 115, "mel": 1113, "nv": 6705, "vasc": 142}
REAL = Path(os.environ.get("LIGHTNING_SKIN_DATA", "../shared/data")) / "ham10000" / "HAM10000_metadata.csv"


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


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([1] * 12, {"train": 8, "val": 1, "test": 3}),
        ([50, 49, 48] + [1] * 53, {"train": 147, "val": 18, "test": 35}),
        ([30, 20, 10, 8, 6, 4, 2, 1], {"train": 57, "val": 8, "test": 16}),
    ],
)
def test_shares_are_kept_as_well_as_large_groups_allow(sizes: list[int], expected: dict[str, int]) -> None:
    groups = [str(number) for number, size in enumerate(sizes) for _ in range(size)]
    splits = assign_splits(["nv"] * len(groups), groups, (0.7, 0.1, 0.2), seed=0)
    assert Counter(splits.tolist()) == expected
    assert divided_groups(groups, splits) == 0


@pytest.mark.slow
def test_a_million_images_are_split_within_four_gibibytes() -> None:
    generator = np.random.default_rng(0)
    shares = np.array(list(HAM10000.values())) / 10_015
    label_of_group = generator.choice(list(HAM10000), size=750_000, p=shares)
    group_of_image = np.concatenate([np.arange(750_000), generator.integers(0, 750_000, 250_000)])
    labels = label_of_group[group_of_image].tolist()
    groups = [f"lesion_{group}" for group in group_of_image]
    splits = assign_splits(labels, groups, (0.7, 0.1, 0.2), seed=0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 * 2**20  # in KiB
    assert largest_deviation(labels, splits, (0.7, 0.1, 0.2)) < 0.01
    assert divided_groups(groups, splits) == 0


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


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_group_of_two_equally_frequent_classes_counts_for_the_first_by_name(order: tuple[int, int]) -> None:
    labels = [("mel", "nv")[number] for number in order] + ["mel"] * 2 + ["nv"] * 3
    splits = assign_splits(labels, ["both", "both", "m1", "m2", "n1", "n2", "n3"], FRACTIONS, seed=0)
    # mel has too few groups without the mixed one.
    assert splits[:2].tolist() == ["train", "train"]
    assert sorted(splits[4:]) == ["test", "train", "val"]


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


def like_ham10000(seed: int) -> tuple[list[str], list[str]]:
    """10,015 images in HAM10000's classes; a lesion has one to six, as often as there."""
    generator = np.random.default_rng(seed)
    labels, groups = [], []
    for label, count in HAM10000.items():
        sizes = generator.choice(6, size=count, p=[0.738, 0.1905, 0.0656, 0.0046, 0.0007, 0.0006]) + 1
        lesion_of_image = np.repeat(np.arange(count), sizes)[:count]
        labels += [label] * count
        groups += [f"{label}_{lesion}" for lesion in lesion_of_image]
    return labels, groups


def largest_deviation(labels: list[str], splits: np.ndarray, fractions: tuple[float, ...]) -> float:
    """Of a class's share in a split from what it should be, in percentage points."""
    counts = pd.crosstab(pd.Series(labels), pd.Series(splits)).reindex(columns=list(SPLITS), fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0)
    return 100 * float((shares - np.array(fractions)).abs().to_numpy().max())


def divided_groups(groups: list[str], splits: np.ndarray) -> int:
    return len(set(zip(groups, splits, strict=True))) - len(set(groups))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fractions", [(0.7, 0.1, 0.2), (0.8, 0.1, 0.1), (0.6, 0.2, 0.2)])
def test_every_class_of_ten_thousand_images_keeps_its_share(
    fractions: tuple[float, float, float], seed: int
) -> None:
    labels, groups = like_ham10000(seed)
    assert (len(labels), len(set(labels))) == (10_015, 7)
    splits = assign_splits(labels, groups, fractions, seed)
    assert largest_deviation(labels, splits, fractions) < 1.5
    assert divided_groups(groups, splits) == 0


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_file(), reason="HAM10000 is not below LIGHTNING_SKIN_DATA")
@pytest.mark.parametrize("seed", range(3))
def test_every_class_of_ham10000_keeps_its_share(seed: int) -> None:
    table = pd.read_csv(REAL)
    labels, groups = table["dx"].tolist(), table["lesion_id"].tolist()
    splits = assign_splits(labels, groups, (0.7, 0.1, 0.2), seed)
    assert largest_deviation(labels, splits, (0.7, 0.1, 0.2)) < 1.5
    assert divided_groups(groups, splits) == 0


@pytest.mark.parametrize("case", range(40))
def test_random_tables_are_split_whole_everywhere_and_the_same_in_any_order(case: int) -> None:
    generator = np.random.default_rng(case)
    parts = generator.integers(1, 20, 3)
    fractions = tuple((parts / parts.sum()).tolist())
    labels, groups = [], []
    for number in range(generator.integers(1, 6)):
        for lesion in range(generator.integers(3, 60)):
            size = generator.integers(1, 8)
            labels += [f"class_{number}"] * size
            groups += [f"{number}_{lesion}"] * size
    splits = assign_splits(labels, groups, fractions, case)
    assert divided_groups(groups, splits) == 0
    assert set(zip(labels, splits.tolist(), strict=True)) == {(a, b) for a in set(labels) for b in SPLITS}
    order = generator.permutation(len(labels))
    again = assign_splits([labels[i] for i in order], [groups[i] for i in order], fractions, case)
    assert again.tolist() == splits[order].tolist()


def test_the_split_of_a_seed_never_changes() -> None:
    groups = [f"lesion_{number // 2}" for number in range(20)]
    splits = assign_splits(["mel"] * 8 + ["nv"] * 12, groups, (0.5, 0.25, 0.25), seed=0)
    # Second letters of train, val and test; written down so that no version and no machine changes them.
    assert "".join(split[1] for split in splits[::2]) == "arerarerra"


def test_kept_images_stay_whatever_seed_and_shares_say() -> None:
    labels, groups = lesions({"mel": 40, "nv": 90})
    before = assign_splits(labels, groups, FRACTIONS, seed=0)
    after = assign_splits(labels, groups, (0.2, 0.2, 0.6), seed=7, kept=before.tolist())
    assert after.tolist() == before.tolist()


def test_new_groups_are_dealt_so_that_the_shares_are_reached() -> None:
    kept = ["train"] * 10 + [""] * 10
    splits = assign_splits(["nv"] * 20, [str(number) for number in range(20)], (0.6, 0.2, 0.2), 0, kept=kept)
    assert splits[:10].tolist() == ["train"] * 10
    assert Counter(splits[10:].tolist()) == {"train": 2, "val": 4, "test": 4}


def test_a_new_image_of_an_old_group_follows_it() -> None:
    kept = ["test", "", "val", "", "train", ""]
    splits = assign_splits(["df"] * 6, list("aabbcc"), (0.9, 0.05, 0.05), 0, kept=kept)
    assert splits.tolist() == ["test", "test", "val", "val", "train", "train"]


def test_a_new_image_of_a_divided_group_goes_where_most_of_it_is() -> None:
    kept = ["test", "test", "train", ""]
    splits = assign_splits(["df"] * 4, ["a"] * 4, FRACTIONS, 0, kept=kept)
    assert splits.tolist() == ["test", "test", "train", "test"]


def test_one_new_group_is_enough_for_a_class_that_stands_already() -> None:
    kept = ["train", "test", ""]
    assert assign_splits(["df"] * 3, list("abc"), FRACTIONS, 0, kept=kept).tolist() == [
        "train",
        "test",
        "val",
    ]


def test_a_new_class_needs_groups_for_every_split() -> None:
    kept = ["train", "val", "test", "", ""]
    labels = ["nv"] * 3 + ["df"] * 2
    with pytest.raises(InputError, match=r"class df has 2 group\(s\)"):
        assign_splits(labels, list("abcde"), FRACTIONS, 0, kept=kept)


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_every_image_is_tested_in_exactly_one_fold(folds: int) -> None:
    labels, groups = lesions({"mel": 30, "nv": 200, "df": 5})
    rounds = [assign_fold(labels, groups, (0.6, 0.2, 0.2), 0, folds, fold) for fold in range(folds)]
    tested = np.stack([splits == "test" for splits in rounds])
    assert tested.sum(axis=0).tolist() == [1] * len(labels)
    assert [divided_groups(groups, splits) for splits in rounds] == [0] * folds


def test_a_fold_is_stratified_and_val_has_its_proportion_of_the_rest() -> None:
    labels, groups = like_ham10000(0)
    for fold in range(5):
        splits = assign_fold(labels, groups, (0.6, 0.2, 0.2), 3, 5, fold)
        assert largest_deviation(labels, splits, (0.6, 0.2, 0.2)) < 1.5


@pytest.mark.parametrize(("groups", "advice"), [(12, "set data.folds to at most 12, add"), (2, "add images")])
def test_more_folds_than_groups_are_refused_with_how_many_there_can_be(groups: int, advice: str) -> None:
    labels = ["nv"] * 60 + ["df"] * groups
    names = [str(number) for number in range(len(labels))]
    with pytest.raises(InputError, match=rf"class df has {groups} .*, too few for data\.folds=50; {advice}"):
        assign_fold(labels, names, (0.6, 0.2, 0.2), 0, 50, 3)
    if groups > 2:
        assign_fold(labels, names, (0.6, 0.2, 0.2), 0, groups, 3)


def test_folds_of_another_seed_differ() -> None:
    labels, groups = lesions({"mel": 30, "nv": 200})
    splits = [assign_fold(labels, groups, (0.6, 0.2, 0.2), seed, 5, 0).tolist() for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]


def test_class_of_fewer_groups_than_folds_is_refused() -> None:
    with pytest.raises(InputError, match=r"class df has 4 group\(s\).*data\.folds to at most 4"):
        assign_fold(["df"] * 4, list("abcd"), (0.6, 0.2, 0.2), 0, 5, 0)
