from math import nan

import numpy as np

from lightning_skin.evaluation.figures.subgroups import subgroups_figure
from lightning_skin.evaluation.subgroups import Subgroup
from lightning_skin.evaluation.summary import Evaluation

CLASSES = ("mel", "nv", "df")
OVERALL = Evaluation({"balanced_accuracy": 0.65}, {"balanced_accuracy": (0.6, 0.7)})


def subgroup(attribute: str, value: str, score: float | None, absent: tuple[str, ...] = ()) -> Subgroup:
    metrics = {} if score is None else {"balanced_accuracy": score}
    intervals = {} if score is None else {"balanced_accuracy": (score - 0.1, score + 0.1)}
    return Subgroup(attribute, value, 1234, 100, score is None, absent, (), metrics, intervals)


def test_points_and_intervals_stand_in_the_row_of_their_subgroup() -> None:
    found = [
        subgroup("age", "0-29", None),
        subgroup("age", "75+", 0.5, absent=("df",)),
        subgroup("sex", "female", 0.75),
    ]
    axes = subgroups_figure(found, OVERALL, CLASSES).axes[0]
    overall, *points = axes.lines
    assert overall.get_xdata()[0] == 0.65
    # Row 0 and 3 are the headings of age and sex.
    assert [point.get_xydata().tolist() for point in points] == [[[0.5, 2]], [[0.75, 4]]]
    segments = [collection.get_segments()[0].tolist() for collection in axes.collections]
    assert segments == [[[0.4, 2], [0.6, 2]], [[0.65, 4], [0.85, 4]]]
    assert axes.get_yticks().tolist() == [1, 2, 4]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["0-29 (n=1,234)", "75+ (n=1,234)", "female (n=1,234)"]
    assert [text.get_text() for text in axes.texts] == [
        "Age  ",
        "n too small",
        "0.500 [0.400, 0.600], 2 of 3 classes",
        "Sex  ",
        "0.750 [0.650, 0.850]",
    ]
    assert axes.yaxis_inverted()


def test_what_cannot_be_said_of_one_class_is_not_drawn() -> None:
    found = [
        Subgroup(
            "sex", "female", 50, 40, False, (), ("mel",), {"recall_mel": nan}, {"recall_mel": (nan, nan)}
        ),
        Subgroup("sex", "male", 50, 40, False, ("mel",), (), {"recall_mel": nan}, {"recall_mel": (nan, nan)}),
    ]
    overall = Evaluation({"recall_mel": 0.5}, {"recall_mel": (0.4, 0.6)})
    axes = subgroups_figure(found, overall, CLASSES, "recall_mel").axes[0]
    assert [text.get_text() for text in axes.texts] == ["Sex  ", "n too small", "undefined"]
    assert len(axes.lines) == 1


def test_a_band_shows_the_interval_of_all_images() -> None:
    axes = subgroups_figure([subgroup("sex", "female", 0.75)], OVERALL, CLASSES).axes[0]
    (band,) = axes.patches
    assert np.allclose([band.get_x(), band.get_x() + band.get_width()], [0.6, 0.7])
