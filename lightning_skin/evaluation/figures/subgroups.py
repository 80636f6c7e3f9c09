"""One metric for all subgroups, beside that of all images."""

from collections.abc import Sequence
from itertools import groupby
from math import isnan, nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    TICK_SIZE,
    new_figure,
    shortened,
    style_axes,
)
from lightning_skin.evaluation.subgroups import Subgroup
from lightning_skin.evaluation.summary import Evaluation

TITLES = {"balanced_accuracy": "Balanced accuracy", "accuracy": "Accuracy", "auroc": "AUROC"}


def subgroups_figure(
    subgroups: Sequence[Subgroup],
    overall: Evaluation,
    class_names: Sequence[str],
    metric: str = "balanced_accuracy",
) -> Figure:
    """Draw a forest plot: a point and an interval for each subgroup, a line and a band for all images.

    Args:
        subgroups: At least one, those of one attribute together.
        overall: Of all images.
        class_names: The C classes.
        metric: Of ``classification_metrics``, in [0, 1].
    """
    by_attribute = [(name, list(members)) for name, members in groupby(subgroups, lambda one: one.attribute)]
    rows = len(subgroups) + len(by_attribute)
    title = TITLES.get(metric, metric.replace("_", " ").capitalize())
    figure = new_figure(8.4, 1.5 + 0.3 * rows)
    axes = figure.subplots()
    value = overall.metrics[metric]
    xlabel = f"{title} with 95 % interval; line and band: all images, {value:.3f}"
    style_axes(axes, title=f"{title} of subgroups", xlabel=xlabel)
    axes.axvspan(*overall.intervals[metric], color=ORANGE, alpha=0.12, linewidth=0)
    axes.axvline(value, color=ORANGE, linestyle="--", linewidth=1.2)
    row, ticks, names = 0, [], []
    for attribute, members in by_attribute:
        axes.text(
            -0.02,
            row,
            f"{attribute.capitalize()}  ",
            ha="right",
            va="center",
            weight="bold",
            fontsize=TICK_SIZE,
            color=INK,
            transform=axes.get_yaxis_transform(),
        )
        for subgroup in members:
            row += 1
            ticks.append(row)
            names.append(f"{shortened(subgroup.value)} (n={subgroup.n:,})")
            _draw(axes, row, subgroup, metric, len(class_names))
        row += 1
    axes.set_yticks(ticks, names)
    axes.set_ylim(rows - 0.4, -0.7)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(visible=False, axis="y")
    return figure


def _draw(axes: Axes, row: int, subgroup: Subgroup, metric: str, num_classes: int) -> None:
    value = subgroup.metrics.get(metric, nan)
    of_scarce = any(metric.endswith(f"_{name}") for name in subgroup.scarce)
    text = "n too small" if subgroup.too_small or of_scarce else "undefined"
    if not isnan(value):
        low, high = subgroup.intervals[metric]
        axes.hlines(row, low, high, color=BLUE, linewidth=2)
        axes.plot([value], [row], "o", color=BLUE, markersize=6)
        text = f"{value:.3f} [{low:.3f}, {high:.3f}]"
        if subgroup.absent or subgroup.scarce:
            text += f", {subgroup.classes_said(num_classes)}"
    axes.text(1.03, row, text, va="center", fontsize=TICK_SIZE, color=MUTED)
