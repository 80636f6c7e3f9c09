"""Images in rows and columns."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lightning_skin.evaluation.figures.style import INK, TICK_SIZE

DPI = 100
GAP = 4  # pixels between images
NAMES, TITLES = 1.75, 0.45  # inches left of the images, and above them


def image_grid_figure(
    rows: Sequence[tuple[str, Sequence[NDArray[np.uint8]]]], titles: Sequence[str]
) -> Figure:
    """Draw images pixel by pixel, if saved with ``DPI`` dots an inch.

    Args:
        rows: Name and images ``(S, S, 3)`` of each row, all of one size.
        titles: Of the columns.
    """
    size = rows[0][1][0].shape[0]
    step = size + GAP
    height, width = len(rows) * step, len(titles) * step
    # One picture: axes for every image would take ten times as long.
    mosaic = np.full((height, width, 3), 255, np.uint8)
    for row, (_, images) in enumerate(rows):
        for column, image in enumerate(images):
            mosaic[row * step : row * step + size, column * step : column * step + size] = image
    inches = (NAMES + width / DPI, TITLES + height / DPI)
    figure = Figure(figsize=inches, dpi=DPI, facecolor="white")
    axes = figure.add_axes((NAMES / inches[0], 0, width / DPI / inches[0], height / DPI / inches[1]))
    axes.imshow(mosaic, aspect="auto", interpolation="nearest")
    middles = (size - 1) / 2 + step * np.arange(max(len(rows), len(titles)))
    axes.set_yticks(middles[: len(rows)], [name for name, _ in rows])
    axes.set_xticks(middles[: len(titles)], titles)
    axes.tick_params(length=0, pad=6, labelsize=TICK_SIZE, labelcolor=INK, top=True, labeltop=True)
    axes.tick_params(labelbottom=False)
    axes.spines[:].set_visible(False)
    return figure
