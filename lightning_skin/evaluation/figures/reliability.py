"""Whether the probabilities mean what they say."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lightning_skin.evaluation.figures.style import (
    BLUE,
    INK,
    LABEL_SIZE,
    MUTED,
    ORANGE,
    SKY,
    TICK_SIZE,
    new_figure,
    style_axes,
)
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.weighted import (
    CALIBRATION_BINS,
    CalibrationSums,
    FloatArray,
    IntArray,
    calibration_sums,
)

BIN_EDGES = np.linspace(0, 1, CALIBRATION_BINS + 1)
FEW_IMAGES = 10
"""A bin of fewer is drawn hollow: its accuracy is little more than chance."""


def reliability_figure(
    labels: IntArray, probabilities: FloatArray, title: str, calibrated: FloatArray | None = None
) -> Figure:
    """Draw accuracy against confidence (Niculescu-Mizil and Caruana, ICML 2005) over a confidence histogram.

    Args:
        labels: True class indices ``(N,)``.
        probabilities: Class probabilities ``(N, C)``; the largest of a row is its confidence.
        title: Heading; the expected calibration error is added to it.
        calibrated: The same after a calibration, drawn beside them; ``None`` for none.
    """
    columns = {title: probabilities}
    if calibrated is not None:
        columns = {f"{title} before calibration": probabilities, f"{title} after": calibrated}
    figure = new_figure(5.2 * len(columns), 6.6)
    axes = figure.subplots(2, len(columns), sharex=True, sharey="row", height_ratios=(3, 1), squeeze=False)
    for (diagram, histogram), (name, shown) in zip(axes.T, columns.items(), strict=True):
        sums = calibration_sums(labels, shown, np.ones(len(labels)))
        error = _expected_error(labels, shown)
        style_axes(diagram, title=f"{name}: expected calibration error {error:.3f}")
        style_axes(histogram, xlabel="Confidence (probability of the guess)")
        _draw_diagram(diagram, sums)
        diagram.legend(fontsize=TICK_SIZE, frameon=False, loc="upper left")
        histogram.stairs(sums.weight, BIN_EDGES, fill=True, color=SKY)
        histogram.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        histogram.set_xlim(0, 1)
    axes[0, 0].set_ylabel("Accuracy", fontsize=LABEL_SIZE, color=INK)
    axes[1, 0].set_ylabel("Images", fontsize=LABEL_SIZE, color=INK)
    return figure


def _expected_error(labels: IntArray, probabilities: FloatArray) -> float:
    names = [str(index) for index in range(probabilities.shape[1])]
    return classification_metrics(labels, probabilities, names)["ece"]


def _draw_diagram(axes: Axes, sums: CalibrationSums) -> None:
    filled = sums.weight > 0
    weight = sums.weight[filled]
    accuracy, confidence = sums.correct[filled] / weight, sums.confidence[filled] / weight
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="perfect calibration")
    axes.vlines(confidence, confidence, accuracy, color=ORANGE, linewidth=2, label="gap")
    axes.plot(confidence, accuracy, color=BLUE, marker="o", markersize=5, linewidth=1.4, label="classifier")
    few = weight < FEW_IMAGES
    if few.any():
        (hollow,) = axes.plot(confidence[few], accuracy[few], "o", color=BLUE, markersize=5)
        hollow.set(markerfacecolor="white", label=f"of fewer than {FEW_IMAGES} images")
    axes.set_ylim(-0.02, 1.02)
