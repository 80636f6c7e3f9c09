"""A line for each class in the unit square."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lightning_skin.evaluation.curves import Points, thinned
from lightning_skin.evaluation.figures.style import TICK_SIZE, class_style, new_figure, shortened, style_axes

POINTS = 500
MANY = 10  # classes whose legend takes one column


def class_lines_figure(
    curves: Sequence[tuple[str, float, Points | None]], *, title: str, xlabel: str, ylabel: str
) -> Figure:
    """Draw curves from the first class to the last, each in the colour and dashes that it has everywhere.

    Args:
        curves: Name, area and points of each class; where points are missing, the legend says so.
        title: Heading.
        xlabel: Name of the horizontal axis.
        ylabel: Name of the vertical axis.
    """
    columns = 1 + (len(curves) - 1) // MANY
    figure = new_figure(7.2 + 2.2 * (columns - 1), 5.0)
    axes = figure.subplots()
    style_axes(axes, title=title, xlabel=xlabel, ylabel=ylabel)
    for index, (name, area, curve) in enumerate(curves):
        color, linestyle = class_style(index)
        points = Points(np.array([]), np.array([])) if curve is None else thinned(curve, POINTS)
        note = "undefined" if curve is None else f"{area:.3f}"
        label = f"{shortened(name)}  {note}"
        axes.plot(points.x, points.y, color=color, linestyle=linestyle, linewidth=1.6, label=label)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    # Beside the data: inside it would cover curves.
    axes.legend(
        fontsize=TICK_SIZE, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=columns
    )
    return figure
