"""One metric of several classifiers with its intervals, and of each of their runs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import (
    BLUE,
    MUTED,
    TICK_SIZE,
    new_figure,
    style_axes,
)

NAME_LENGTH = 40  # characters; overrides are longer than the names of classes and have nowhere to break


class Row(NamedTuple):
    """A classifier.

    Attributes:
        name: For its row.
        value: Of the metric.
        interval: Of the value.
        runs: The metric of each run, where there are several.
    """

    name: str
    value: float
    interval: tuple[float, float]
    runs: Sequence[float]


def standings_figure(rows: Sequence[Row], metric: str) -> Figure:
    """Draw the classifiers from top to bottom.

    Args:
        rows: At least one.
        metric: Its title.
    """
    figure = new_figure(8.0, 1.4 + 0.45 * len(rows))
    axes = figure.subplots()
    style_axes(axes, title=metric, xlabel=f"{metric} with 95 % interval")
    places = np.arange(len(rows))
    ends = np.array([row.interval for row in rows])
    axes.hlines(places, ends[:, 0], ends[:, 1], color=BLUE, linewidth=2)
    axes.plot([row.value for row in rows], places, "o", color=BLUE, markersize=7)
    of_runs = [(value, place + 0.25) for place, row in zip(places, rows, strict=True) for value in row.runs]
    if of_runs:
        values, beside = zip(*of_runs, strict=True)
        axes.plot(values, beside, "o", color=MUTED, markersize=5, markerfacecolor="none", label="single runs")
        axes.legend(fontsize=TICK_SIZE, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    names = [row.name if len(row.name) <= NAME_LENGTH else f"{row.name[:NAME_LENGTH]}…" for row in rows]
    axes.set_yticks(places, names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    return figure
