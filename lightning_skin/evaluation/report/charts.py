"""Drawings of the page: geometry and text for the templates, which give them the page's own colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.curves import Points, thinned
from lightning_skin.evaluation.weighted import FloatArray

WIDTH, HEIGHT = 300, 300  # of the plotted area, in units of the drawing
POINTS = 250  # of a curve: two points are at most a pixel or so apart
UNIT_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


COLORS, DASHES = 8, 3
"""How many the style sheet has: ``.s0`` to ``.s7``, ``.d0`` to ``.d2``."""


class Line(NamedTuple):
    """A line of a plot.

    Attributes:
        name: As the legend has it.
        note: Such as the area under it.
        style: Colour and dashes, as names of the style sheet.
        path: Of SVG.
        dots: Points to be marked ``(x, y)``.
    """

    name: str
    note: str
    style: str
    path: str
    dots: tuple[tuple[float, float], ...] = ()


class Tick(NamedTuple):
    """Where a label stands along an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Plot:
    """Lines over two axes.

    Attributes:
        key: Identifier within the page.
        title: Heading.
        text: What is seen, for those who do not see it.
        x_label: Name of the horizontal axis.
        y_label: Name of the vertical axis.
        x_ticks: Of the horizontal axis.
        y_ticks: Of the vertical axis.
        lines: From the first class to the last.
        reference: Path of what would be chance or perfection; empty where nothing is.
        absent: Classes without a line.
    """

    key: str
    title: str
    text: str
    x_label: str
    y_label: str
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    lines: Sequence[Line]
    reference: str = ""
    absent: Sequence[str] = ()
    width: int = WIDTH
    height: int = HEIGHT


class Scale(NamedTuple):
    """From values to places along an axis."""

    low: float
    high: float
    length: int
    rising: bool = False

    def __call__(self, values: FloatArray) -> FloatArray:
        """Places in units of the drawing; vertical axes count downwards, so that theirs fall."""
        share = (np.asarray(values, np.float64) - self.low) / ((self.high - self.low) or 1.0)
        return self.length * (share if self.rising else 1 - share)


def unit_plot(
    key: str,
    title: str,
    text: str,
    labels: tuple[str, str],
    curves: Iterable[tuple[str, str, Points | None]],
    *,
    reference: Points | None = None,
    dots: bool = False,
) -> Plot:
    """A plot whose axes both go from 0 to 1.

    Args:
        key: Identifier within the page.
        title: Heading.
        text: What is seen.
        labels: Of the horizontal and the vertical axis.
        curves: Name, note and points of each line; a line without points is named as absent.
        reference: What would be chance or perfection.
        dots: Whether to mark each point.
    """
    horizontal, vertical = Scale(0, 1, WIDTH, rising=True), Scale(0, 1, HEIGHT)
    lines, absent = [], []
    for series, (name, note, curve) in enumerate(curves):
        if curve is None:
            absent.append(name)
            continue
        places = _places(thinned(curve, POINTS), horizontal, vertical)
        lines.append(Line(name, note, _style(series), _path(places), tuple(places) if dots else ()))
    return Plot(
        key=key,
        title=title,
        text=text,
        x_label=labels[0],
        y_label=labels[1],
        x_ticks=[Tick(float(horizontal(np.array(at))), f"{at:g}") for at in UNIT_TICKS],
        y_ticks=[Tick(float(vertical(np.array(at))), f"{at:g}") for at in UNIT_TICKS],
        lines=lines,
        reference="" if reference is None else _path(_places(reference, horizontal, vertical)),
        absent=absent,
    )


def epoch_plot(key: str, title: str, text: str, y_label: str, curves: Sequence[tuple[str, Points]]) -> Plot:
    """A plot of values by epoch.

    Args:
        key: Identifier within the page.
        title: Heading.
        text: What is seen.
        y_label: Name of the vertical axis.
        curves: Name and points of each line, at least one point in all.
    """
    x, y = (np.concatenate([getattr(curve, axis) for _, curve in curves]) for axis in ("x", "y"))
    x_marks, y_marks = (
        _round_marks(float(x.min()), float(x.max()), whole=True),
        _round_marks(0.0, float(y.max())),
    )
    low, high = min(x_marks[0], float(x.min())), max(x_marks[-1], float(x.max()))
    horizontal = Scale(low, high, WIDTH, rising=True)
    vertical = Scale(0.0, max(y_marks[-1], float(y.max())), HEIGHT // 2)
    lines = []
    for series, (name, curve) in enumerate(curves):
        places = _places(curve, horizontal, vertical)
        lines.append(Line(name, "", _style(series), _path(places), tuple(places) if len(places) == 1 else ()))
    return Plot(
        key=key,
        title=title,
        text=text,
        x_label="Epoch",
        y_label=y_label,
        x_ticks=[Tick(float(horizontal(np.array(at))), f"{at:g}") for at in x_marks],
        y_ticks=[Tick(float(vertical(np.array(at))), f"{at:g}") for at in y_marks],
        lines=lines,
        height=HEIGHT // 2,
    )


def _style(series: int) -> str:
    """The first 24 differ in colour, in dashes, or in both."""
    turn, color = divmod(series, COLORS)
    return f"s{color} d{(color // DASHES + turn) % DASHES}"


def _places(curve: Points, horizontal: Scale, vertical: Scale) -> list[tuple[float, float]]:
    pairs = np.column_stack([horizontal(curve.x), vertical(curve.y)]).round(1)
    return [(float(x), float(y)) for x, y in pairs]


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places) if places else ""


def _round_marks(low: float, high: float, whole: bool = False) -> list[float]:
    """Four to six round numbers from low to high."""
    span = max(high - low, 1e-9)
    step = 10.0 ** np.floor(np.log10(span / 4))
    step *= next(factor for factor in (1, 2, 5, 10) if span / (factor * step) <= 5)
    if whole:
        step = max(1.0, round(step))
    first = np.ceil(low / step - 1e-9) * step
    return [float(mark) + 0.0 for mark in np.arange(first, high + step * 1e-6, step)]  # no -0
