from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure

LONG_NAME = "atypical_melanocytic_proliferation_of_unknown_malignant_potential"


def test_both_panels_show_the_hand_computed_numbers() -> None:
    labels, predicted = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1])
    figure = confusion_matrix_figure(labels, predicted, ["nv", "mel", "df"], "test")
    counts, shares = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    assert counts == ["3", "1", "0", "0", "1", "0", "0", "0", "0"]
    assert shares == ["0.75", "0.25", "0.00", "0.00", "1.00", "0.00", "–", "–", "–"]
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["nv (n=4)", "mel (n=1)", "df (n=0)"]
    assert figure.get_suptitle() == "test: balanced accuracy 0.875"


def test_numbers_stand_out_from_their_cells() -> None:
    labels = np.repeat(np.arange(4), 50)
    predicted = np.where(np.arange(200) % 7 < 3, labels, (labels + 1) % 4)
    shares = confusion_matrix_figure(labels, predicted, "abcd", "val").axes[1]
    image = shares.images[0]
    cells = image.cmap(image.norm(image.get_array()))[..., :3].reshape(-1, 3)
    inks = np.array([to_rgb(text.get_color()) for text in shares.texts])
    luminance = np.array([0.299, 0.587, 0.114])
    assert (np.abs(cells @ luminance - inks @ luminance) > 0.35).all()


@pytest.mark.parametrize("num_classes", [2, 7, 12, 24])
def test_class_names_of_any_length_overlap_nothing(num_classes: int) -> None:
    labels = np.arange(num_classes)
    names = [f"{index}_{LONG_NAME[: 5 + 5 * index]}" for index in range(num_classes)]
    figure = confusion_matrix_figure(labels, labels, names, "val")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    rows = [label.get_window_extent(renderer) for label in figure.axes[0].get_yticklabels()]
    assert not any(upper.overlaps(lower) for upper, lower in pairwise(rows))
    assert min(row.x0 for row in rows) >= 0
    cell_height = figure.axes[0].get_window_extent().height / num_classes
    columns = figure.axes[0].get_xticklabels()
    assert all("\n" not in column.get_text() for column in columns)
    assert cell_height > max(text.get_window_extent(renderer).height for text in figure.axes[0].texts)
