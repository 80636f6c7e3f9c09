"""Age, sex and site as numbers."""

import logging

import numpy as np
import pandas as pd
import pytest

from lightning_skin.data.metadata_encoding import MetadataEncoding
from lightning_skin.errors import InputError

TRAIN = pd.DataFrame(
    {
        "age": ["40", "60", "", "unknown"],
        "sex": ["Female", "male", "male ", "unknown"],
        "site": ["back", "", "face", "back"],
        "dx_type": ["histo"] * 4,
    }
)
ENCODING = MetadataEncoding.of_training(TRAIN, ["age", "sex", "site"])


def test_the_training_images_say_how_to_encode() -> None:
    assert (ENCODING.age_mean, ENCODING.age_std) == (50, 10)
    assert ENCODING.values == {"sex": ("female", "male"), "site": ("back", "face")}
    assert ENCODING.widths == (2, 3, 3)


def test_each_feature_is_a_block_whose_last_number_says_that_it_is_missing() -> None:
    assert ENCODING.encode(TRAIN).tolist() == [
        [-1, 0, 1, 0, 0, 1, 0, 0],
        [1, 0, 0, 1, 0, 0, 0, 1],
        [0, 1, 0, 1, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 1, 0, 0],
    ]


def test_a_value_never_seen_in_training_is_missing() -> None:
    rows = pd.DataFrame({"age": ["-inf"], "sex": ["other"], "site": ["BACK"]})
    assert ENCODING.encode(rows).tolist() == [[0, 1, 0, 0, 1, 1, 0, 0]]


def test_columns_that_other_data_lack_are_missing_with_one_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        encoded = ENCODING.encode(pd.DataFrame({"sex": ["male", "female"]}))
    assert encoded.tolist() == [[0, 1, 0, 1, 0, 0, 0, 1], [0, 1, 1, 0, 0, 0, 0, 1]]
    assert [record.getMessage() for record in caplog.records] == [
        "The images have no age and no site, which the network was trained with and takes for missing"
    ]


def test_the_order_is_that_asked_for() -> None:
    turned = MetadataEncoding.of_training(TRAIN, ["sex", "age"])
    assert turned.encode(TRAIN)[0].tolist() == [1, 0, 0, -1, 0]


def test_equal_ages_are_not_divided_by_zero() -> None:
    alike = MetadataEncoding.of_training(pd.DataFrame({"age": ["30", "30"]}), ["age"])
    assert alike.encode(pd.DataFrame({"age": ["31"]})).tolist() == [[1, 0]]


@pytest.mark.parametrize("column", [None, ["", "unknown"], ["NaN", "?"]])
def test_a_feature_that_no_training_image_has_is_refused(column: list[str] | None) -> None:
    rows = pd.DataFrame({"sex": ["male", "female"]} | ({} if column is None else {"age": column}))
    with pytest.raises(InputError, match=r"asks for age, which is known of no training image"):
        MetadataEncoding.of_training(rows, ["sex", "age"])


def test_a_description_gives_back_the_encoding() -> None:
    again = MetadataEncoding.from_dict(ENCODING.to_dict())
    assert np.array_equal(again.encode(TRAIN), ENCODING.encode(TRAIN))
    assert again == MetadataEncoding.from_dict(again.to_dict())


@pytest.mark.parametrize(
    "change",
    [{"features": ["dx_type"]}, {"values": {}}, {"values": None}, {"age_std": 0}, {"age_mean": "old"}],
    ids=str,
)
def test_another_description_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"metadata .* are not one of ours"):
        MetadataEncoding.from_dict(ENCODING.to_dict() | change)
