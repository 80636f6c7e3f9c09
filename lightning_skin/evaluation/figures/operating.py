"""Whether thresholds that were chosen on validation images hold on test images."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lightning_skin.evaluation.clustered import Share
from lightning_skin.evaluation.figures.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    TICK_SIZE,
    TITLE_SIZE,
    new_figure,
    style_axes,
)
from lightning_skin.evaluation.operating_points import OperatingPoint

RATES = {"sensitivity": (BLUE, "o", -0.13), "specificity": (ORANGE, "s", 0.13)}  # colour, marker, height


def operating_points_figure(points: Sequence[OperatingPoint], title: str) -> Figure:
    """Draw sensitivity and specificity of each point on validation (hollow) and test images (filled).

    Args:
        points: At least one, from ``operating_points``; the first stands at the top.
        title: Heading.
    """
    figure = new_figure(7.0, 2.1 + 0.6 * len(points))
    axes = figure.subplots()
    style_axes(axes, xlabel="Share of images with 95 % interval")
    for row, point in enumerate(points):
        for rate, (color, marker, height) in RATES.items():
            val, test = getattr(point.val, rate), getattr(point.test, rate)
            _draw(axes, row + height, val, test, color, marker)
    for rate, (color, marker, _) in RATES.items():
        axes.plot([], [], marker, color=color, label=f"{rate}, test")
        axes.plot([], [], marker, color=color, markerfacecolor="white", label=f"{rate}, validation")
    axes.set_yticks(range(len(points)), [f"{point.title}\n(p ≥ {point.threshold:.3g})" for point in points])
    axes.set_ylim(len(points) - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    # Below: beside the axes stand the numbers.
    figure.legend(fontsize=TICK_SIZE, frameon=False, loc="outside lower center", ncols=2)
    figure.suptitle(title, fontsize=TITLE_SIZE, color=INK)
    return figure


def _draw(axes: Axes, height: float, val: Share, test: Share, color: str, marker: str) -> None:
    axes.hlines(height, *test.interval, color=color, linewidth=2)
    axes.plot(val.value, height, marker, color=color, markerfacecolor="white", markersize=7)
    axes.plot(test.value, height, marker, color=color, markersize=5)
    text = "no images" if np.isnan(test.value) else f"{test.value:.3f} of {test.total}"
    axes.text(1.03, height, text, va="center", fontsize=TICK_SIZE - 1, color=MUTED)
