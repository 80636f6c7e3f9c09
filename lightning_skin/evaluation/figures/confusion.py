"""The confusion matrix as counts and as shares of the true class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize, PowerNorm
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import (
    INK,
    LABEL_SIZE,
    MUTED,
    TICK_SIZE,
    TITLE_SIZE,
    new_figure,
    shortened,
    wrapped,
)
from lightning_skin.evaluation.metrics import classification_metrics, confusion_matrix
from lightning_skin.evaluation.weighted import FloatArray, IntArray

INCHES_PER_LETTER = 0.09  # at the size of the tick labels


def confusion_matrix_figure(
    labels: IntArray, predicted: IntArray, class_names: Sequence[str], title: str
) -> Figure:
    """Draw the counts on the left, the shares of each true class on the right.

    Args:
        labels: True class indices ``(N,)``.
        predicted: Guessed class indices ``(N,)``.
        class_names: The C classes.
        title: Heading; the balanced accuracy is added to it.
    """
    num_classes = len(class_names)
    counts = confusion_matrix(labels, predicted, num_classes)
    totals = counts.sum(axis=1)
    shares = counts / np.where(totals > 0, totals, np.nan)[:, None]
    panel = float(np.clip(0.55 * num_classes, 3.2, 12.0))  # inches
    figure = new_figure(2 * panel + 2.6, panel + 1.8)
    left, right = figure.subplots(1, 2, sharey=True)
    text_size = min(11.0, 72 * panel / num_classes / 3.2)
    _draw(left, counts, PowerNorm(0.5, 0, max(counts.max(), 1)), "{:.0f}", text_size)
    _draw(right, shares, Normalize(0, 1), "{:.2f}", text_size)
    rows = [f"{wrapped(name)} (n={count:.0f})" for name, count in zip(class_names, totals, strict=True)]
    left.set_yticks(range(num_classes), rows, fontsize=TICK_SIZE)
    left.set_ylabel("True class", fontsize=LABEL_SIZE)
    left.set_title("Images", fontsize=LABEL_SIZE)
    right.set_title("Share of the true class", fontsize=LABEL_SIZE)
    for axes in (left, right):
        label_columns(axes, class_names, panel / num_classes)
    score = classification_metrics(labels, np.eye(num_classes)[predicted], class_names)["balanced_accuracy"]
    figure.suptitle(f"{title}: balanced accuracy {score:.3f}", fontsize=TITLE_SIZE, color=INK)
    return figure


def _draw(axes: Axes, values: FloatArray, norm: Normalize, number: str, text_size: float) -> None:
    image = axes.imshow(values, cmap="Blues", norm=norm)
    for (row, column), value in np.ndenumerate(values):
        text = "–" if np.isnan(value) else number.format(value)
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=text_size,
            color=_text_color(value, image.cmap, norm),
        )
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _text_color(value: float, colormap: Colormap, norm: Normalize) -> str:
    if np.isnan(value) or value == 0:
        return MUTED
    red, green, blue, _ = colormap(float(norm(value)))
    luminance = 0.299 * red + 0.587 * green + 0.114 * blue
    return INK if luminance > 0.55 else "white"


def label_columns(axes: Axes, class_names: Sequence[str], cell: float) -> None:
    """Write the classes below the columns of a matrix, slanted where they are too long.

    Args:
        axes: Of the matrix.
        class_names: The C classes.
        cell: Width of a column in inches.
    """
    names = [shortened(name) for name in class_names]
    slanted = max(len(name) for name in names) * INCHES_PER_LETTER > cell
    rotation, alignment = (45, "right") if slanted else (0, "center")
    axes.set_xticks(
        range(len(names)), names, fontsize=TICK_SIZE, rotation=rotation, ha=alignment, rotation_mode="anchor"
    )
    axes.set_xlabel("Predicted class", fontsize=LABEL_SIZE)
