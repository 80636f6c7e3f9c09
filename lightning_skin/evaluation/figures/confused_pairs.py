"""The classes that are taken for each other most often, with some of their images."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lightning_skin.evaluation.figures.style import (
    INK,
    MUTED,
    TICK_SIZE,
    TITLE_SIZE,
    new_figure,
    shortened,
)
from lightning_skin.evaluation.pairs import ConfusedPair

COLUMNS = 5


def confused_pairs_figure(
    pairs: Sequence[ConfusedPair], examples: Sequence[Sequence[tuple[NDArray[np.uint8], float]]]
) -> Figure:
    """Draw a row for each pair.

    Args:
        pairs: From the most frequent on.
        examples: Images ``(H, W, 3)`` of each pair with the probabilities of their guesses, the surest first;
            the first ``COLUMNS`` are shown.
    """
    rows = max(1, len(pairs))
    figure = new_figure(1.7 * COLUMNS + 1.9, 1.75 * rows + 0.5)
    figure.suptitle("Most confused pairs", fontsize=TITLE_SIZE, color=INK)
    panels = figure.subplots(rows, COLUMNS + 1, squeeze=False, width_ratios=[1.1, *[1] * COLUMNS])
    for axes in panels.ravel():
        axes.set_axis_off()
    if not pairs:
        figure.text(0.5, 0.4, "no image is guessed wrongly", ha="center", fontsize=TITLE_SIZE, color=MUTED)
    for row, pair, images in zip(panels, pairs, examples, strict=False):
        names = f"{shortened(pair.label)}\ntaken for\n{shortened(pair.predicted)}"
        said = f"{names}\n\n{pair.count:,} ({100 * pair.share:.0f} %)"
        row[0].text(0, 0.5, said, va="center", fontsize=TICK_SIZE, color=INK, transform=row[0].transAxes)
        for axes, (image, confidence) in zip(row[1:], images, strict=False):
            axes.imshow(image)
            axes.set_title(f"{confidence:.2f}", fontsize=TICK_SIZE - 1, color=MUTED, loc="left")
    return figure
