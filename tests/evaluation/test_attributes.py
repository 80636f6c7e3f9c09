import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.attributes import attribute_values, common_attributes
from lightning_skin.evaluation.predictions import Predictions


def table(**attributes: list[str]) -> Predictions:
    rows = len(next(iter(attributes.values())))
    images = np.array([f"image{index}" for index in range(rows)])
    columns = {name: np.array(values) for name, values in attributes.items()}
    return Predictions(
        images, np.zeros(rows, int), np.tile([1.0, 0.0], (rows, 1)), images, ("nv", "mel"), None, columns
    )


@pytest.mark.parametrize("name", ["age", "age_approx"])
def test_ages_become_bands_that_begin_with_their_first_year(name: str) -> None:
    ages = ["0", "29.5", "30", "44.0", "45", "59", " 60 ", "74", "75", "85.0"]
    bands = ["0-29", "0-29", "30-44", "30-44", "45-59", "45-59", "60-74", "60-74", "75+", "75+"]
    assert attribute_values(table(**{name: ages}), name).tolist() == bands


@pytest.mark.parametrize("age", ["", "unknown", "nan", "inf", "-1", "130", "old"])
def test_what_is_no_age_is_not_known(age: str) -> None:
    assert attribute_values(table(age=[age, "50"]), "age").tolist() == ["not known", "45-59"]


def test_spellings_are_joined_and_words_for_not_known_are_one() -> None:
    sexes = ["male", "Male", "female ", "", "Unknown", "N/A"]
    expected = ["Male", "Male", "female", "not known", "not known", "not known"]
    assert attribute_values(table(sex=sexes), "sex").tolist() == expected


def test_numbers_other_than_ages_stay_as_they_are() -> None:
    assert attribute_values(table(stage=["1", "2"]), "stage").tolist() == ["1", "2"]


def test_common_attributes_are_those_that_divide_the_images() -> None:
    divided = table(site=["back", "face"], sex=["male", "unknown"], age=["31", "44"], lesion=["a", "b"])
    assert common_attributes(divided) == ("site",)


def test_an_unknown_attribute_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="nothing is known of agee, only of age, sex; leave it out"):
        attribute_values(table(age=["1"], sex=["male"]), "agee")


def test_a_table_that_knows_nothing_says_so() -> None:
    images = np.array(["a"])
    bare = Predictions(images, np.array([0]), np.array([[1.0, 0.0]]), images, ("nv", "mel"))
    with pytest.raises(InputError, match="nothing is known of sex; leave it out"):
        attribute_values(bare, "sex")
