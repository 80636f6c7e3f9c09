from typing import Any

import pytest

from lightning_skin.data.audit.tables import class_table, largest_deviation, leaks_by_pair, split_names

Audit = dict[str, Any]


def test_splits_stand_in_the_order_of_their_use() -> None:
    cell = {"images": 1, "share": 0.25}
    row = {"splits": dict.fromkeys(("test", "holdout", "train", "val"), cell)}
    assert split_names([row]) == ["train", "val", "test", "holdout"]


def test_the_last_row_sums_the_classes(audit: Audit) -> None:
    *classes, total = class_table(audit["classes"])
    assert [row.label for row in classes] == ["mel", "nv"]
    assert classes[0].cells == [(140, 0.7), (16, 0.08), (44, 0.22)]
    assert classes[0].share == pytest.approx(1 / 6)
    assert (total.images, total.groups, total.share) == (1200, 600, 1.0)
    assert total.cells == [(830, 830 / 1200), (126, 0.105), (244, 244 / 1200)]


def test_a_class_missing_from_a_split_counts_nothing_there(audit: Audit) -> None:
    del audit["classes"][0]["splits"]["val"]
    assert class_table(audit["classes"])[0].cells[1] == (0, 0.0)


def test_the_furthest_class_is_found_on_either_side(audit: Audit) -> None:
    deviation = largest_deviation(class_table(audit["classes"]), split_names(audit["classes"]))
    assert deviation is not None
    # Of mel 8 % are in val, of all images 126 / 1200 = 10.5 %.
    assert (deviation.label, deviation.split) == ("mel", "val")
    assert deviation.points == pytest.approx(-2.5)
    audit["classes"][0]["splits"]["train"]["share"] = 0.8
    deviation = largest_deviation(class_table(audit["classes"]), split_names(audit["classes"]))
    assert deviation is not None
    assert (deviation.split, deviation.points) == ("train", pytest.approx(80 - 100 * 830 / 1200))


def test_data_without_splits_has_no_deviation(audit: Audit) -> None:
    for row in audit["classes"]:
        row["splits"] = {}
    assert split_names(audit["classes"]) == []
    assert largest_deviation(class_table(audit["classes"]), []) is None


def test_leaks_are_arranged_by_class_and_pair_of_splits(audit: Audit) -> None:
    audit["leakage"][1]["images"] = 7
    pairs, rows = leaks_by_pair(audit["leakage"])
    assert pairs == [("train", "val"), ("train", "test"), ("val", "test")]
    assert list(rows) == ["mel", "nv"]
    assert rows["mel"]["train", "test"]["images"] == 7
