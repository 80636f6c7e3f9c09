import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from lightning_skin.explain.probability_bars import (
    OTHER_COLOUR,
    PREDICTED_COLOUR,
    TRUE_COLOUR,
    draw_probabilities,
    top_classes,
)

NAMES = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]
PROBABILITIES = np.array([0.02, 0.05, 0.08, 0.015, 0.225, 0.60, 0.01], dtype=np.float32)


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def colours(axes: Axes) -> list[str]:
    return [to_hex(bar.get_facecolor()).upper() for bar in axes.patches]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("true", "expected"), [(None, [5, 4, 2, 1, 0]), (4, [5, 4, 2, 1, 0]), (6, [5, 4, 2, 1, 6])]
)
def test_five_most_probable_classes_are_shown_and_the_true_one_in_any_case(
    true: int | None, expected: list[int]
) -> None:
    assert top_classes(PROBABILITIES, true) == expected


def test_bars_are_as_long_as_the_probabilities(axes: Axes) -> None:
    draw_probabilities(axes, NAMES, PROBABILITIES, "mel", "nv")
    lengths = [bar.get_width() for bar in axes.patches]
    np.testing.assert_allclose(lengths, [0.60, 0.225, 0.08, 0.05, 0.02], rtol=1e-6)
    assert axes.get_xlim() == (0, 1)


def test_predicted_and_true_class_are_named_and_coloured(axes: Axes) -> None:
    draw_probabilities(axes, NAMES, PROBABILITIES, "mel", "nv")
    assert colours(axes) == [PREDICTED_COLOUR, TRUE_COLOUR, *[OTHER_COLOUR] * 3]
    assert texts(axes)[:4] == ["nv (predicted)", "60.0%", "mel (true)", "22.5%"]


def test_right_prediction_has_one_colour(axes: Axes) -> None:
    draw_probabilities(axes, NAMES, PROBABILITIES, "nv", "nv")
    assert colours(axes) == [PREDICTED_COLOUR, *[OTHER_COLOUR] * 4]
    assert texts(axes)[0] == "nv (right)"


def test_two_classes_are_two_bars(axes: Axes) -> None:
    draw_probabilities(
        axes, ["benign", "malignant"], np.array([0.3, 0.7], dtype=np.float32), None, "malignant"
    )
    assert texts(axes) == ["malignant (predicted)", "70.0%", "benign", "30.0%"]
