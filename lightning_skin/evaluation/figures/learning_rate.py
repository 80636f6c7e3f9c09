"""How the loss answers to the learning rate."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.style import BLUE, INK, ORANGE, TICK_SIZE, new_figure, style_axes

HEADROOM = 3.0  # the loss of a training that diverges would flatten the rest


def learning_rate_figure(rates: Sequence[float], losses: Sequence[float], suggestion: float) -> Figure:
    """Draw the smoothed loss of a range test (Smith, WACV 2017) against the learning rate.

    Args:
        rates: Rising.
        losses: At these rates.
        suggestion: The rate that was chosen.
    """
    figure = new_figure(6.0, 4.0)
    axes = figure.subplots()
    style_axes(axes, title="Learning-rate finder", xlabel="Learning rate", ylabel="Training loss (smoothed)")
    axes.plot(rates, losses, color=BLUE, linewidth=1.6)
    axes.axvline(suggestion, color=ORANGE, linewidth=1.4, linestyle="--")
    axes.annotate(
        f"{suggestion:.1e}",
        (suggestion, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(5, 0),
        textcoords="offset points",
        va="top",
        color=INK,
        fontsize=TICK_SIZE,
    )
    axes.set_xscale("log")
    finite = np.asarray(losses)[np.isfinite(losses)]
    fall = max(float(finite[0] - finite.min()), 1e-3)
    axes.set_ylim(finite.min() - 0.1 * fall, finite.min() + HEADROOM * fall)
    return figure
