import numpy as np

from lightning_skin.evaluation.figures.precision_recall import precision_recall_figure
from lightning_skin.evaluation.figures.roc import roc_figure
from lightning_skin.evaluation.figures.style import class_style
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions

NAMES = ("bcc", "mel", "nv")


def predictions() -> Predictions:
    """No image of bcc; mel and nv are told apart but for one."""
    probabilities = [[0.1, 0.6, 0.3], [0.1, 0.2, 0.7], [0.1, 0.3, 0.6], [0.1, 0.1, 0.8]]
    images = ["a", "b", "c", "d"]
    return Predictions(images, [1, 1, 2, 2], probabilities, images, NAMES)


def metrics() -> dict[str, float]:
    shown = predictions()
    return classification_metrics(shown.labels, shown.probabilities, NAMES)


def test_each_class_has_its_curve_and_area() -> None:
    axes = roc_figure(predictions(), metrics(), "test").axes[0]
    mel = axes.lines[1]
    np.testing.assert_allclose(mel.get_xydata(), [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]])
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["bcc  undefined", "mel  0.750", "nv  0.750"]
    assert axes.get_title(loc="left") == "test: mean AUROC 0.750"


def test_precision_holds_back_to_the_recall_before() -> None:
    axes = precision_recall_figure(predictions(), metrics(), "test").axes[0]
    expected = [[0, 1], [0.5, 1], [0.5, 0.5], [0.5, 0.5], [0.5, 2 / 3], [1, 2 / 3], [1, 0.5], [1, 0.5]]
    np.testing.assert_allclose(axes.lines[1].get_xydata(), expected)
    assert axes.get_legend().get_texts()[1].get_text() == f"mel  {0.5 + 0.5 * 2 / 3:.3f}"


def test_a_class_looks_the_same_in_every_figure() -> None:
    figures = [
        roc_figure(predictions(), metrics(), ""),
        precision_recall_figure(predictions(), metrics(), ""),
    ]
    looks = [
        [(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines[:3]] for figure in figures
    ]
    assert looks[0] == looks[1] == [tuple(class_style(index)) for index in range(3)]


def test_the_first_21_classes_can_be_told_apart() -> None:
    assert len({class_style(index) for index in range(21)}) == 21
