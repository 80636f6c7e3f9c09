"""The most probable classes of one image as bars."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

TOP_K = 5

# Okabe and Ito (2008): told apart under every common colour blindness and in grey print.
PREDICTED_COLOUR = "#0072B2"
TRUE_COLOUR = "#D55E00"
OTHER_COLOUR = "#BBBBBB"
INK = "#222222"
MUTED = "#666666"

_LINE = 30  # characters of a class name that fit beside its percentage


def draw_probabilities(
    axes: Axes,
    class_names: Sequence[str],
    probabilities: NDArray[np.float32],
    true: str | None,
    predicted: str,
) -> None:
    """Draw the most probable classes, and the true one even if it is not among them.

    Args:
        axes: Where to draw.
        class_names: Names of the C classes.
        probabilities: Probability of each class ``(C,)``, in [0, 1].
        true: Name of the true class, ``None`` where nobody knows it.
        predicted: Name of the predicted class.
    """
    shown = top_classes(probabilities, None if true is None else list(class_names).index(true))
    roles = {true: (" (true)", TRUE_COLOUR)} | {predicted: (" (predicted)", PREDICTED_COLOUR)}
    if true == predicted:
        roles[predicted] = (" (right)", PREDICTED_COLOUR)
    for row, index in enumerate(shown):
        role, colour = roles.get(class_names[index], ("", OTHER_COLOUR))
        ink = INK if role else MUTED
        axes.barh(row, probabilities[index], height=0.34, color=colour)
        weight = "bold" if role else "normal"
        name = "\n".join(wrap(class_names[index] + role, _LINE, max_lines=2, placeholder=" …"))
        style: dict[str, Any] = {"fontsize": 8.5, "color": ink, "va": "bottom", "parse_math": False}
        axes.text(0.01, row - 0.22, name, weight=weight, **style)
        axes.text(1, row - 0.22, f"{probabilities[index]:.1%}", ha="right", **style)
    # Room for five, so that bars are alike in all panels.
    axes.set(xlim=(0, 1), ylim=(TOP_K - 0.7, -0.75), yticks=[], xticks=[0, 0.5, 1])
    axes.tick_params(labelsize=7.5, length=2, pad=2, colors=MUTED)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set_title("probability", fontsize=9.5, color=MUTED, pad=4)


def top_classes(probabilities: NDArray[np.float32], true: int | None) -> list[int]:
    """Return the most probable classes, the first one first; the true one takes the last place if need be.

    Args:
        probabilities: Probability of each class ``(C,)``.
        true: Index of the true class, or ``None``.
    """
    ranked = np.argsort(-probabilities, kind="stable").tolist()
    shown = ranked[:TOP_K]
    return shown if true is None or true in shown else [*shown[:-1], true]
