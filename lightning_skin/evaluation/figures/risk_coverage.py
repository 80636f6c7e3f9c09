"""What leaving the least certain images unanswered gains."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from lightning_skin.evaluation.figures.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    SKY,
    TICK_SIZE,
    TITLE_SIZE,
    new_figure,
    style_axes,
)
from lightning_skin.evaluation.selective import RiskCoverage


def risk_coverage_figure(found: RiskCoverage, title: str) -> Figure:
    """Draw the error rate among the most confident images against their share, beside the best order.

    Args:
        found: From ``risk_coverage``.
        title: Heading; the area is added to it.
    """
    figure = new_figure(6.4, 4.8)
    axes = figure.subplots()
    style_axes(axes, xlabel="Coverage: most confident images that are answered", ylabel="Risk: wrong answers")
    overall = found.risks[-1]
    coverages, low, high = found.band.T
    axes.fill_between(coverages, low, high, color=SKY, alpha=0.35, linewidth=0, label="95 % interval")
    axes.axhline(overall, color=MUTED, linestyle=":", linewidth=1.2, label="confidence tells nothing")
    axes.plot(found.coverages, found.risks, color=BLUE, linewidth=1.8, label="classifier")
    best = np.maximum(0, 1 - (1 - overall) / found.coverages)
    axes.plot(found.coverages, best, color=MUTED, linestyle="--", linewidth=1.2, label="best order")
    _mark(axes, found)
    axes.set_xlim(0, 1)
    # The first few images swing between no and only errors; they must not set the scale.
    axes.set_ylim(0, 1.15 * max(overall, high.max(), 0.01))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    axes.legend(fontsize=TICK_SIZE, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    low_area, high_area = found.intervals["aurc"]
    area = f"area {found.aurc:.3f} [{low_area:.3f}, {high_area:.3f}]"
    figure.suptitle(f"{title}: {area}", fontsize=TITLE_SIZE, color=INK)
    return figure


def _mark(axes: Axes, found: RiskCoverage) -> None:
    # In the legend, since labels beside points of a flat curve would lie over each other.
    for (coverage, accuracy), marker in zip(found.accuracy_at.items(), "os", strict=True):
        label = f"accuracy {accuracy:.3f} at {coverage:.0%}"
        axes.plot(coverage, 1 - accuracy, marker, color=ORANGE, markersize=6, zorder=3, label=label)
