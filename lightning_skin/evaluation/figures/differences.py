"""Differences between classifiers with their intervals, around the line of no difference."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    TICK_SIZE,
    YELLOW,
    new_figure,
    shortened,
    style_axes,
    wrapped,
)

LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "D"), (PURPLE, "^"), (SKY, "v"), (YELLOW, "P"))
"""Colour and marker of each pair, so that they are told apart in grey too; no more pairs are drawn."""

Changes = Mapping[str, tuple[float, tuple[float, float]]]


def differences_figure(pairs: Mapping[str, Changes], panels: Mapping[str, Mapping[str, str]]) -> Figure:
    """Draw the differences of pairs side by side, those of each panel from top to bottom.

    Args:
        pairs: Difference and interval of each metric, by titles of the pairs; as many as there are ``LOOKS``
            are drawn.
        panels: Titles of the metrics by their names, by titles of the panels.
    """
    rows = max(len(titles) for titles in panels.values())
    drawn = dict(list(pairs.items())[: len(LOOKS)])
    figure = new_figure(5.2 * len(panels), 1.5 + rows * (0.3 + 0.12 * len(drawn)))
    places = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, metrics) in zip(places, panels.items(), strict=True):
        style_axes(axes, title=title, xlabel="Difference with 95 % interval")
        axes.axvline(0, color=INK, linewidth=1)
        for place, ((name, changes), (colour, marker)) in enumerate(zip(drawn.items(), LOOKS, strict=False)):
            # Beside each other within the row of a metric.
            shift = (place - (len(drawn) - 1) / 2) * 0.6 / len(drawn)
            _draw(axes, [changes[metric] for metric in metrics], shift, colour, marker, shortened(name))
        axes.set_yticks(range(len(metrics)), [wrapped(text) for text in metrics.values()])
        axes.set_ylim(len(metrics) - 0.5, -0.5)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3, fontsize=TICK_SIZE, frameon=False)
    return figure


def _draw(
    axes: Axes,
    changes: Sequence[tuple[float, tuple[float, float]]],
    shift: float,
    colour: str,
    marker: str,
    label: str,
) -> None:
    rows = np.arange(len(changes)) + shift
    ends = np.array([interval for _, interval in changes])
    axes.hlines(rows, ends[:, 0], ends[:, 1], color=colour, linewidth=2)
    axes.plot([value for value, _ in changes], rows, marker, color=colour, markersize=6, label=label)
