"""The course of a training: losses, metrics, learning rate."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lightning_skin.evaluation.figures.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    TICK_SIZE,
    YELLOW,
    new_figure,
    style_axes,
)
from lightning_skin.evaluation.weighted import FloatArray

History = Sequence[Mapping[str, float]]

LOSSES = {"train/loss": ("train", BLUE), "val/loss": ("val", ORANGE)}
METRICS = {
    "val/balanced_accuracy": ("balanced accuracy", ORANGE),
    "val/accuracy": ("accuracy", BLUE),
    "val/auroc": ("AUROC", GREEN),
}
RATE_COLORS = (PURPLE, SKY, YELLOW, GREEN)
LOG_SCALE_SPAN = 10  # largest over smallest learning rate, above which the axis is logarithmic


def history_figure(history: History, monitor: str, direction: Literal["min", "max"]) -> Figure:
    """Draw the values of every epoch and mark the best one.

    Args:
        history: Rows with ``epoch`` and any of ``train/loss``, ``val/loss``, ``val/balanced_accuracy``,
            ``val/accuracy``, ``val/auroc`` and learning rates, whose names start with ``lr``; a value
            may be missing or NaN, and an epoch may be spread over several rows.
        monitor: Key whose best epoch is marked; no mark where it has no value.
        direction: Whether the best value of ``monitor`` is the smallest or the largest.
    """
    names = sorted({key for row in history for key in row if key.startswith("lr")})
    rates = {key: (key, RATE_COLORS[index % len(RATE_COLORS)]) for index, key in enumerate(names)}
    figure = new_figure(7.5, 7.5)
    losses, metrics, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1.6))
    style_axes(losses, title="Loss")
    style_axes(metrics, title="Validation metrics")
    style_axes(bottom, title="Learning rate", xlabel="Epoch")
    for axes, lines in ((losses, LOSSES), (metrics, METRICS), (bottom, rates)):
        _draw_lines(axes, history, lines)
    if names:
        _scale_rates(bottom, np.concatenate([_series(history, name)[1] for name in names]))
    bottom.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    _mark_best(losses, (losses, metrics, bottom), _series(history, monitor), direction, monitor)
    return figure


def _series(history: History, key: str) -> tuple[FloatArray, FloatArray]:
    """Epochs and values of a key, where it has a value."""
    pairs = [(row["epoch"], row[key]) for row in history if key in row and np.isfinite(row[key])]
    epochs, values = np.array(pairs, np.float64).reshape(-1, 2).T
    return epochs, values


def _draw_lines(axes: Axes, history: History, lines: Mapping[str, tuple[str, str]]) -> None:
    for key, (name, color) in lines.items():
        epochs, values = _series(history, key)
        # Markers, because a line through the single point of a one-epoch run is invisible.
        marker = "o" if len(epochs) <= 30 else ""
        if len(epochs):
            axes.plot(epochs, values, color=color, label=name, marker=marker, markersize=4, linewidth=1.6)
    if not axes.lines:
        axes.text(0.5, 0.5, "no values", transform=axes.transAxes, ha="center", color=MUTED)
        axes.set_yticks([])
    if len(axes.lines) > 1:
        # Beside the data: inside it would cover the curves of some run.
        axes.legend(fontsize=TICK_SIZE, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _scale_rates(axes: Axes, rates: FloatArray) -> None:
    if len(rates) and rates.min() > 0 and rates.max() > LOG_SCALE_SPAN * rates.min():
        axes.set_yscale("log")


def _mark_best(
    labelled: Axes,
    panels: Sequence[Axes],
    series: tuple[FloatArray, FloatArray],
    direction: Literal["min", "max"],
    monitor: str,
) -> None:
    epochs, values = series
    if len(values) == 0:
        return
    best = int(values.argmax() if direction == "max" else values.argmin())
    for axes in panels:
        axes.axvline(epochs[best], color=MUTED, linestyle="--", linewidth=1)
    text = f"best {monitor} {values[best]:.3f}, epoch {epochs[best]:.0f}"
    labelled.set_title(text, fontsize=TICK_SIZE, color=INK, loc="right")
