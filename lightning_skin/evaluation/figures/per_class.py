"""The recall of every class with its interval."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import (
    BLUE,
    MUTED,
    ORANGE,
    TICK_SIZE,
    new_figure,
    style_axes,
    wrapped,
)


def per_class_figure(
    metrics: Mapping[str, float], intervals: Mapping[str, tuple[float, float]], class_names: Sequence[str]
) -> Figure:
    """Draw the recalls from the first class at the top to the last, and their mean.

    Args:
        metrics: From ``classification_metrics``.
        intervals: From ``bootstrap_intervals``.
        class_names: The C classes.
    """
    rows = np.arange(len(class_names))
    recalls = np.array([metrics[f"recall_{name}"] for name in class_names])
    ends = np.array([intervals[f"recall_{name}"] for name in class_names])
    figure = new_figure(7.0, 1.6 + 0.42 * len(class_names))
    axes = figure.subplots()
    style_axes(axes, title="Recall of each class", xlabel="Recall with 95 % interval")
    mean = metrics["balanced_accuracy"]
    axes.axvline(mean, color=ORANGE, linestyle="--", linewidth=1.2, label=f"balanced accuracy {mean:.3f}")
    axes.hlines(rows, ends[:, 0], ends[:, 1], color=BLUE, linewidth=2)
    axes.plot(recalls, rows, "o", color=BLUE, markersize=6)
    for row, recall in enumerate(recalls):
        text = "no images" if np.isnan(recall) else f"{recall:.3f}"
        axes.text(1.03, row, text, va="center", fontsize=TICK_SIZE, color=MUTED)
    names = [f"{wrapped(name)} (n={metrics[f'count_{name}']:.0f})" for name in class_names]
    axes.set_yticks(rows, names)
    axes.set_ylim(len(class_names) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.legend(fontsize=TICK_SIZE, frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return figure
