import logging

import pandas as pd
import pytest

from lightning_skin.data.spelling import one_spelling


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["MEL", "MEL", "mel", "nv"], ["MEL", "MEL", "MEL", "nv"]),
        (["MEL", "mel", "Mel", "nv"], ["mel", "mel", "mel", "nv"]),
        (["mel", "nv"], ["mel", "nv"]),
    ],
)
def test_the_spelling_of_most_images_wins_and_lower_case_a_tie(
    labels: list[str], expected: list[str]
) -> None:
    assert one_spelling(pd.Series(labels), "data").tolist() == expected


def test_joined_labels_are_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        one_spelling(pd.Series(["nv", "MEL", "mel", "MEL"]), "table.csv")
    assert caplog.messages == ["Labels MEL, mel of table.csv differ in case only and are taken as MEL"]
