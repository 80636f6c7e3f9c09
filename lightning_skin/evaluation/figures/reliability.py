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
    TITLE_SIZE,
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


def reliability_figure(labels: IntArray, probabilities: FloatArray, title: str) -> Figure:
    """Draw accuracy against confidence (Niculescu-Mizil and Caruana, ICML 2005) over a confidence histogram.

    Args:
        labels: True class indices ``(N,)``.
        probabilities: Class probabilities ``(N, C)``; the largest of a row is its confidence.
        title: Heading; the expected calibration error is added to it.
    """
    names = [str(index) for index in range(probabilities.shape[1])]
    error = classification_metrics(labels, probabilities, names)["ece"]
    sums = calibration_sums(labels, probabilities, np.ones(len(labels)))
    figure = new_figure(5.2, 6.6)
    diagram, histogram = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    style_axes(diagram, ylabel="Accuracy")
    style_axes(histogram, xlabel="Confidence (probability of the guess)", ylabel="Images")
    _draw_diagram(diagram, sums)
    histogram.stairs(sums.weight, BIN_EDGES, fill=True, color=SKY)
    histogram.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    histogram.set_xlim(0, 1)
    figure.suptitle(f"{title}: expected calibration error {error:.3f}", fontsize=TITLE_SIZE, color=INK)
    return figure


def _draw_diagram(axes: Axes, sums: CalibrationSums) -> None:
    filled = sums.weight > 0
    weight = sums.weight[filled]
    accuracy, confidence = sums.correct[filled] / weight, sums.confidence[filled] / weight
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="perfect calibration")
    axes.vlines(confidence, confidence, accuracy, color=ORANGE, linewidth=2, label="gap")
    axes.plot(confidence, accuracy, color=BLUE, marker="o", markersize=5, linewidth=1.4, label="classifier")
    axes.set_ylim(-0.02, 1.02)
    axes.set_ylabel("Accuracy", fontsize=LABEL_SIZE)
    axes.legend(fontsize=TICK_SIZE, frameon=False, loc="upper left")
