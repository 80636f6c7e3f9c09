"""Groups from the ids of a table."""

import logging

import pandas as pd
import pytest

from lightning_skin.data.identity import identity_groups, known_ids


def grouped(*images: tuple[str, str]) -> list[str]:
    lesions, patients = (pd.Series(list(ids), dtype=object) for ids in zip(*images, strict=True))
    return identity_groups(lesions, patients).tolist()


def test_the_patient_is_the_group_and_else_the_lesion() -> None:
    images = [("L1", "P1"), ("L1", ""), ("L2", ""), ("L3", "P1"), ("", "P2"), ("", "")]
    assert grouped(*images) == ["P1", "P1", "L2", "P1", "P2", ""]


def test_a_lesion_under_two_patients_joins_all_that_is_theirs() -> None:
    assert grouped(("L1", "P2"), ("L1", "P1"), ("L2", "P2"), ("L2", ""), ("L3", "P3")) == [
        "P1",
        "P1",
        "P1",
        "P1",
        "P3",
    ]


def test_a_patient_over_two_lesions_joins_their_images() -> None:
    assert grouped(("L2", "P1"), ("L1", "P1"), ("L1", ""), ("L2", "")) == ["P1"] * 4


def test_a_lesion_is_not_the_patient_whose_number_it_has() -> None:
    assert grouped(("1", ""), ("1", ""), ("2", "1"), ("3", "")) == ["lesion 1", "lesion 1", "1", "3"]


def test_images_without_ids_are_not_joined() -> None:
    assert grouped(("", ""), ("", "")) == ["", ""]


def test_words_for_not_known_are_no_ids(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        ids = known_ids(pd.Series(["NA", "L1", "unknown", "NA", "nan1"]), "lesion_id")
    assert ids.tolist() == ["", "L1", "", "", "nan1"]
    assert "3 image(s) have the lesion_id NA or unknown, which is taken for not known" in caplog.text
