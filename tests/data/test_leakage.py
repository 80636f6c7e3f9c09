import logging
from pathlib import Path

import pandas as pd
import pytest

from lightning_skin.data.leakage import judge_leakage, known_from_training, leak_table, leaking_groups
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError

ROOT = Path("images")


def manifest(*rows: tuple[str, str, str, str], root: Path = ROOT) -> Manifest:
    """From label, split, group and content of each image; an image without a group has its own path."""
    table = pd.DataFrame(rows, columns=["label", "split", "group", "content_hash"])
    table["path"] = [f"{number}.png" for number in range(len(table))]
    table["group"] = table["group"].where(table["group"] != "", table["path"])
    return Manifest(root, table)


LEAKY = manifest(
    ("mel", "train", "l1", "A"),
    ("mel", "train", "l1", "B"),
    ("mel", "test", "l1", "A"),
    ("nv", "train", "l2", "C"),
    ("nv", "val", "l2", "D"),
    ("mel", "test", "l2", "E"),
    ("nv", "train", "l3", "F"),
    ("df", "val", "", "G"),
)
CLEAN = manifest(("mel", "train", "l1", "A"), ("mel", "test", "l2", "B"), ("nv", "val", "l3", "C"))


def test_the_leak_table_counts_by_pair_and_class() -> None:
    counts = leak_table(LEAKY).set_index(["splits", "label"])
    assert list(counts) == ["groups", "images", "duplicates"]
    nonzero = counts[counts.any(axis=1)]
    assert {key: tuple(row) for key, row in zip(nonzero.index, nonzero.to_numpy().tolist(), strict=True)} == {
        ("train and val", "nv"): (1, 2, 0),
        ("train and test", "mel"): (2, 4, 2),
        ("train and test", "nv"): (1, 1, 0),
        ("val and test", "nv"): (1, 1, 0),
        ("val and test", "mel"): (1, 1, 0),
        ("any two", "mel"): (2, 4, 2),
        ("any two", "nv"): (1, 2, 0),
    }
    assert len(counts) == 4 * 3


def test_a_clean_split_has_zeros_for_every_pair_and_class() -> None:
    table = leak_table(CLEAN)
    assert (len(table), table[["groups", "images", "duplicates"]].to_numpy().sum()) == (8, 0)


def test_a_copy_in_the_third_split_is_not_of_the_pair() -> None:
    copies = manifest(*(("mel", split, "l1", "A") for split in ("train", "train", "val", "test")))
    table = leak_table(copies).set_index("splits")
    assert table["duplicates"].to_dict() == table["images"].to_dict()
    assert table["images"].to_dict() == {
        "train and val": 3,
        "train and test": 3,
        "val and test": 2,
        "any two": 4,
    }


def test_the_leak_table_does_not_depend_on_the_order_of_the_images() -> None:
    shuffled = Manifest(ROOT, LEAKY.table.sample(frac=1, random_state=0).reset_index(drop=True))
    pd.testing.assert_frame_equal(leak_table(shuffled), leak_table(LEAKY))


def test_leaking_groups_are_named() -> None:
    assert leaking_groups(LEAKY) == ["l1", "l2"]
    assert leaking_groups(CLEAN) == []


def test_a_leak_is_refused_with_an_example() -> None:
    with pytest.raises(
        InputError, match=r"the split of images leaks: 2 group\(s\).*such as 0\.png and 2\.png"
    ):
        judge_leakage(LEAKY, allow_leakage=False)


def test_an_allowed_leak_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        judge_leakage(LEAKY, allow_leakage=True)
    assert "Scores are inflated: the split of images leaks: 2 group(s)" in caplog.text


def test_a_clean_split_is_nothing_to_speak_of(caplog: pytest.LogCaptureFixture) -> None:
    judge_leakage(CLEAN, allow_leakage=False)
    assert caplog.text == ""


def test_test_images_are_known_by_their_content_or_their_lesion() -> None:
    trained = manifest(("mel", "train", "l1", "A"), ("mel", "val", "l2", "B"), ("mel", "train", "", "C"))
    tested = manifest(
        ("mel", "train", "l9", "Y"),
        ("mel", "test", "l1", "A"),
        ("mel", "test", "l1", "Z"),
        ("mel", "test", "l2", "B"),
        ("mel", "test", "l8", "C"),
        root=Path("others"),
    )
    assert known_from_training(tested, trained).tolist() == ["image", "group", "", "image"]


def test_a_path_is_no_lesion_in_another_folder() -> None:
    trained = manifest(("mel", "train", "", "A"))
    assert known_from_training(manifest(("mel", "test", "", "B"), root=Path("others")), trained).tolist() == [
        ""
    ]
    assert known_from_training(manifest(("mel", "test", "", "B")), trained).tolist() == ["group"]


def test_a_leaking_split_gives_its_own_test_images_away() -> None:
    assert known_from_training(LEAKY, LEAKY).tolist() == ["image", "group"]
    assert known_from_training(CLEAN, CLEAN).tolist() == [""]


def test_a_lesion_that_was_joined_to_another_is_recognised() -> None:
    rows = [("mel", "train", "l1", "A"), ("mel", "train", "l1", "B"), ("nv", "train", "l3", "C")]
    joined = manifest(*rows)
    joined.table["own_group"] = ["l1", "l2", "l3"]
    other = manifest(("mel", "test", "l2", "D"), ("nv", "test", "l4", "E"), root=Path("others"))
    assert known_from_training(other, joined).tolist() == ["group", ""]
    backwards = manifest(("mel", "test", "l0", "D"), root=Path("others"))
    backwards.table["own_group"] = ["l2"]
    assert known_from_training(backwards, manifest(("mel", "train", "l2", "A"))).tolist() == ["group"]
