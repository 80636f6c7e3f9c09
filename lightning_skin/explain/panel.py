"""One picture per image: what it is, what the network said, and where it looked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lightning_skin.atomic import atomic_path
from lightning_skin.explain.overlay import fit_for_drawing, overlay
from lightning_skin.explain.probability_bars import (
    INK,
    MUTED,
    PREDICTED_COLOUR,
    TRUE_COLOUR,
    draw_probabilities,
)

# Inches.
_IMAGE_HEIGHT, _IMAGE_WIDTH = 3.0, 4.0  # the largest that an image gets
_COLUMN_WIDTH = 2.0  # the narrowest column, for tall images
_BARS_WIDTH = 2.9
_GAP = 0.25
_TOP, _BOTTOM = 1.05, 0.6
_CHARACTER = 0.085  # width of a character of 10 pt


@dataclass(frozen=True, eq=False)
class LabelledMap:
    """The heat map of one class.

    Attributes:
        label: Name of the class.
        placed_map: Map ``(H, W)`` in [0, 1], NaN where the network did not see the image.
    """

    label: str
    placed_map: NDArray[np.float32]


def panel_figure(
    image: NDArray[np.uint8],
    maps: Sequence[LabelledMap],
    class_names: Sequence[str],
    probabilities: NDArray[np.float32],
    true: str | None,
    predicted: str,
    title: str,
    caption: str = "",
) -> Figure:
    """Draw an image beside its heat maps and its most probable classes.

    Args:
        image: The original image ``(H, W, 3)``, of any size.
        maps: Heat maps to lay over it, such as that of the predicted and, where another, the true class.
        class_names: Names of the C classes.
        probabilities: Probability of each class ``(C,)``, in [0, 1].
        true: Name of the true class, ``None`` where nobody knows it.
        predicted: Name of the predicted class.
        title: Heading, such as the file name.
        caption: Small print, such as method and layer.
    """
    height, width = image.shape[:2]
    scale = min(_IMAGE_HEIGHT / height, _IMAGE_WIDTH / width)
    size = (width * scale, height * scale)
    column = max(size[0], _COLUMN_WIDTH)
    bars_left = _GAP + (1 + len(maps)) * (column + _GAP)
    figure = Figure(
        figsize=(bars_left + _BARS_WIDTH + _GAP, _TOP + _IMAGE_HEIGHT + _BOTTOM), facecolor="white"
    )
    _write_heading(figure, title, caption, true, predicted)

    drawn, heats = fit_for_drawing(image, [labelled.placed_map for labelled in maps])
    _draw_image(figure, 0, column, size, drawn, "image", MUTED)
    for index, (labelled, heat) in enumerate(zip(maps, heats, strict=True), start=1):
        name, colour = _map_title(labelled, true, predicted)
        _draw_image(figure, index, column, size, overlay(drawn, heat), name, colour)
    if maps:
        _draw_scale(figure, _GAP + column + _GAP, column, drawn)
    if any(np.isnan(heat).any() for heat in heats):
        _write(figure, _GAP, 0.35, "grey and dark: not seen by the network", 7.5, MUTED)
    axes = _axes(figure, bars_left, _BOTTOM, _BARS_WIDTH, _IMAGE_HEIGHT)
    draw_probabilities(axes, class_names, probabilities, true, predicted)
    return figure


def save_panel(figure: Figure, path: Path) -> None:
    """Write the figure as PNG, complete or not at all.

    Args:
        figure: Figure to draw.
        path: File to write, in a folder that exists; an older file is replaced.
    """
    with atomic_path(path) as temporary:
        # The default level takes as long as all the drawing and saves a seventh of the file.
        figure.savefig(temporary, dpi=110, format="png", pil_kwargs={"compress_level": 1})


def _write_heading(figure: Figure, title: str, caption: str, true: str | None, predicted: str) -> None:
    width, height = figure.get_size_inches()
    verdict, colour = f"✗ wrong: predicted {predicted}, true {true}", TRUE_COLOUR
    if true is None:
        verdict, colour = f"predicted {predicted}", INK
    elif true == predicted:
        verdict, colour = f"✓ right: {predicted}", PREDICTED_COLOUR
    for text, top, points, ink in ((title, 0.25, 12, INK), (verdict, 0.5, 10.5, colour)):
        fitting = int((width - 2 * _GAP) / _CHARACTER * 9 / points)
        _write(
            figure,
            _GAP,
            height - top,
            text if len(text) <= fitting else f"{text[: fitting - 1]}…",
            points,
            ink,
        )
    _write(figure, width - _GAP, 0.15, caption, 7.5, MUTED, "right")


def _map_title(labelled: LabelledMap, true: str | None, predicted: str) -> tuple[str, str]:
    roles = [role for role, label in (("predicted", predicted), ("true", true)) if label == labelled.label]
    # A map without evidence would look like a map forgotten.
    roles += [] if np.nanmax(labelled.placed_map) > 0 else ["no evidence"]
    text = f"{', '.join(roles)}: {labelled.label}" if roles else labelled.label
    return text, TRUE_COLOUR if labelled.label == true != predicted else PREDICTED_COLOUR


def _draw_image(
    figure: Figure,
    index: int,
    column: float,
    size: tuple[float, float],
    image: NDArray[np.uint8],
    title: str,
    colour: str,
) -> None:
    left = _GAP + index * (column + _GAP) + (column - size[0]) / 2
    axes = _axes(figure, left, _BOTTOM + (_IMAGE_HEIGHT - size[1]), *size)
    axes.imshow(image, aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color=colour, linewidth=1.5)
    lines = wrap(title, int(column / _CHARACTER), max_lines=2, placeholder=" …")
    axes.set_title("\n".join(lines), fontsize=9.5, color=colour, pad=4, parse_math=False)


def _draw_scale(figure: Figure, left: float, column: float, image: NDArray[np.uint8]) -> None:
    """Show what 0 to 1 looks like on this skin."""
    skin = np.broadcast_to(np.median(image, axis=(0, 1)).astype(np.uint8), (1, 256, 3))
    axes = _axes(figure, left, 0.32, column, 0.12)
    axes.imshow(
        overlay(skin, np.linspace(0, 1, 256, dtype=np.float32)[None]), aspect="auto", extent=(0, 1, 0, 1)
    )
    axes.set(xticks=[0, 0.5, 1], yticks=[])
    axes.tick_params(labelsize=7.5, length=2, pad=2, colors=MUTED)
    axes.spines[:].set(color=MUTED, linewidth=0.5)
    axes.set_title("evidence, per-image scale 0–1", fontsize=7.5, color=MUTED, pad=2)


def _write(
    figure: Figure, left: float, bottom: float, text: str, points: float, colour: str, align: str = "left"
) -> None:
    """Write at a place given in inches; a dollar sign in a file name is no formula."""
    x, y = (left, bottom) / figure.get_size_inches()
    weight = "bold" if points > 10 else "normal"
    figure.text(
        x, y, text, fontsize=points, color=colour, weight=weight, ha=align, va="center", parse_math=False
    )


def _axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a place given in inches, which costs a tenth of an automatic layout."""
    full_width, full_height = figure.get_size_inches()
    return figure.add_axes(
        (left / full_width, bottom / full_height, width / full_width, height / full_height)
    )
