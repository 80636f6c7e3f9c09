"""The look that all figures share: colours, sizes, axes."""

from textwrap import fill
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart under every common colour blindness and in grey print.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#E69F00"
INK = "#222222"
MUTED = "#767676"
GRID = "#DDDDDD"

CLASS_COLORS = (BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW, INK)
DASHES = ("-", "--", ":")

TITLE_SIZE = 12
LABEL_SIZE = 10
TICK_SIZE = 9
NAME_WIDTH = 24  # characters of a class name on one line


class LineStyle(NamedTuple):
    """How the line of a class is drawn in every figure."""

    color: str
    linestyle: str


def class_style(index: int) -> LineStyle:
    """Colour and dashes of a class, by its place among the classes; the first 21 differ in one or both."""
    turn, color = divmod(index, len(CLASS_COLORS))
    # Dashes also among the first seven, for those who see few colours.
    return LineStyle(CLASS_COLORS[color], DASHES[(color // len(DASHES) + turn) % len(DASHES)])


def new_figure(width: float, height: float) -> Figure:
    """Create an empty white figure whose parts are laid out without overlap.

    Args:
        width: In inches.
        height: In inches.
    """
    return Figure(figsize=(width, height), facecolor="white", layout="constrained")


def style_axes(axes: Axes, *, title: str = "", xlabel: str = "", ylabel: str = "") -> None:
    """Give axes their texts, a light grid behind the data and no box."""
    axes.set_title(title, fontsize=TITLE_SIZE, color=INK, loc="left")
    axes.set_xlabel(xlabel, fontsize=LABEL_SIZE, color=INK)
    axes.set_ylabel(ylabel, fontsize=LABEL_SIZE, color=INK)
    axes.tick_params(labelsize=TICK_SIZE, color=MUTED, labelcolor=INK)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)


def wrapped(name: str) -> str:
    """Break a long class name into at most two lines; an underscore is as good a place as a space."""
    if len(name) <= NAME_WIDTH:
        return name
    return fill(name.replace("_", " "), NAME_WIDTH, max_lines=2, placeholder=" …")


def shortened(name: str) -> str:
    """Cut a long class name, where there is room for one line only."""
    return name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1].rstrip() + "…"
