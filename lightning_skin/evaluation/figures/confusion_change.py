"""Where the confusion moved from one classifier to another."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.confusion import label_columns
from lightning_skin.evaluation.figures.style import (
    BLUE,
    INK,
    LABEL_SIZE,
    MUTED,
    ORANGE,
    TICK_SIZE,
    TITLE_SIZE,
    new_figure,
    wrapped,
)
from lightning_skin.evaluation.weighted import FloatArray

FEWER_TO_MORE = LinearSegmentedColormap.from_list("fewer_to_more", [ORANGE, "white", BLUE])
STRONGEST = 0.6  # of the colour map, so that dark text can be read on all of it


def confusion_change_figure(
    first: FloatArray, second: FloatArray, class_names: Sequence[str], title: str
) -> Figure:
    """Draw the second confusion matrix less the first: images, coloured by their share of the true class.

    Args:
        first: Images by true class (row) and guessed class (column) ``(C, C)``.
        second: Of the same images.
        class_names: The C classes.
        title: Heading.
    """
    totals = first.sum(axis=1)
    change = second - first
    shares = change / np.where(totals > 0, totals, np.nan)[:, None]
    most = max(float(np.nanmax(np.abs(shares), initial=0)), 0.01)
    num_classes = len(class_names)
    panel = float(np.clip(0.62 * num_classes, 3.2, 12.0))  # inches
    figure = new_figure(panel + 2.6, panel + 1.6)
    axes = figure.subplots()
    scale = Normalize(-most / STRONGEST, most / STRONGEST)
    image = axes.imshow(np.nan_to_num(shares), cmap=FEWER_TO_MORE, norm=scale)
    for (row, column), value in np.ndenumerate(change):
        text = f"{value:+.1f}".removesuffix(".0") if abs(value) >= 0.05 else "0"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=min(10.0, 200 / num_classes),
            color=INK if text != "0" else MUTED,
            weight="bold" if row == column else "normal",
        )
    rows = [f"{wrapped(name)} (n={count:.0f})" for name, count in zip(class_names, totals, strict=True)]
    axes.set_yticks(range(num_classes), rows, fontsize=TICK_SIZE)
    axes.set_ylabel("True class", fontsize=LABEL_SIZE)
    label_columns(axes, class_names, panel / num_classes)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.ax.set_ylim(-most, most)
    bar.set_label("Change in the share of the true class", fontsize=TICK_SIZE)
    bar.ax.tick_params(labelsize=TICK_SIZE)
    bar.outline.set_visible(False)
    axes.set_title(title, fontsize=TITLE_SIZE, color=INK, loc="left")
    return figure
