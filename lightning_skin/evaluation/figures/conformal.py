"""Whether the conformal sets keep their promise, and what it costs in size."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lightning_skin.evaluation.conformal import ConformalSets
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
    wrapped,
)


def conformal_figure(found: ConformalSets, title: str) -> Figure:
    """Draw the coverage of each class beside the one that was promised, and how large the sets are.

    Args:
        found: From ``conformal_sets``.
        title: Heading; the mean size is added to it.
    """
    figure = new_figure(9.0, 1.9 + 0.4 * len(found.coverage_per_class))
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    style_axes(left, xlabel="Sets with the true class, 95 % interval")
    style_axes(right, xlabel="Classes in the set", ylabel="Images")
    _draw_coverage(left, found)
    right.bar(range(len(found.sizes)), found.sizes, color=SKY, edgecolor=BLUE)
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    figure.suptitle(f"{title}: {found.mean_size.value:.2f} classes in a set", fontsize=TITLE_SIZE, color=INK)
    return figure


def _draw_coverage(axes: Axes, found: ConformalSets) -> None:
    promised = found.thresholds.coverage
    axes.axvline(promised, color=ORANGE, linestyle="--", linewidth=1.2, label=f"promised: {promised:.3g}")
    names = []
    for row, (name, share) in enumerate(found.coverage_per_class.items()):
        certain = name in found.thresholds.too_few
        color = MUTED if certain else BLUE
        axes.hlines(row, *share.interval, color=color, linewidth=2)
        axes.plot(share.value, row, "o", color=color, markersize=6)
        text = "no images" if np.isnan(share.value) else f"{share.value:.3f}"
        axes.text(
            1.03, row, "in every set" if certain else text, va="center", fontsize=TICK_SIZE, color=MUTED
        )
        names.append(f"{wrapped(name)} (n={share.total})")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.legend(fontsize=TICK_SIZE, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0))
