from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.same_images import align, new_to_all
from lightning_skin.evaluation.predictions import Predictions

Table = Callable[..., Predictions]


def test_rows_and_classes_follow_the_first(table: Table) -> None:
    first, second = table(rows=6), table(seed=1, rows=6)
    shuffled = second.subset(np.array([3, 1, 5, 0, 2, 4])).with_classes(["nv", "bkl", "mel"])
    _, found = align({"A": first, "B": shuffled})
    for name in ("images", "labels", "probabilities", "groups"):
        np.testing.assert_array_equal(getattr(found, name), getattr(second, name))
    assert found.class_names == first.class_names


def test_images_are_of_one_group_where_any_table_says_so(table: Table) -> None:
    plain = table(rows=6, images_per_group=1)
    groups = [["a", "a", "b", "c", "d", "e"], ["v", "w", "w", "x", "y", "z"], ["p", "q", "r", "s", "t", "s"]]
    tables = {name: replace(plain, groups=np.array(of)) for name, of in zip("ABC", groups, strict=True)}
    for found in align(tables):
        assert found.groups.tolist() == ["a", "a", "a", "c", "d", "c"]
    (alone,) = align({"A": tables["A"]})
    assert alone.groups.tolist() == groups[0]


def test_different_images_are_refused_with_the_first_five_of_each(table: Table) -> None:
    with pytest.raises(InputError) as caught:
        align({"A": table(rows=10), "B": table(rows=12, start=6)})
    assert str(caught.value).startswith(
        "A and B were tested on different images: 10 and 12, of which 4 are the same; only in the first: "
        "image_000.jpg, image_001.jpg, image_002.jpg, image_003.jpg, image_004.jpg, ...; only in the second: "
        "image_010.jpg, image_011.jpg, image_012.jpg, image_013.jpg, image_014.jpg, ...; test both on"
    )


def test_images_that_are_left_out_by_one_are_named(table: Table) -> None:
    with pytest.raises(
        InputError, match=r"10 and 9, of which 9 are the same; only in the first: image_009\.jpg;"
    ):
        align({"A": table(rows=10), "B": table(rows=9)})


def test_names_that_differ_in_spelling_only_are_said_to(table: Table) -> None:
    first = table(rows=6)
    other = replace(first, images=np.array([f"mel/{name}".removesuffix(".jpg") for name in first.images]))
    message = r"differ in folder or ending only \(image_000\.jpg, mel/image_000\)"
    with pytest.raises(InputError, match=message):
        align({"A": first, "B": other})


def test_different_labels_are_refused(table: Table) -> None:
    first = table(rows=6)
    other = replace(first, labels=np.where(np.arange(6) == 3, 0, first.labels))
    with pytest.raises(InputError, match=r"labels for 1 of 6 images: image_003\.jpg \(mel, bkl\); test both"):
        align({"A": first, "B": other})


def test_different_classes_are_refused(table: Table) -> None:
    first = table(rows=6)
    other = replace(first, class_names=("bkl", "mel", "naevus"))
    with pytest.raises(
        InputError, match="different classes: only in the first: nv; only in the second: naevus;"
    ):
        align({"A": first, "B": other})


def test_images_that_a_network_was_trained_on_are_not_new(table: Table) -> None:
    plain = table(rows=4)
    marked = replace(plain, attributes={"trained_on": np.array(["", "image", "group", ""])})
    assert new_to_all([plain, marked]).tolist() == [True, False, False, True]
    assert new_to_all([plain]).all()
