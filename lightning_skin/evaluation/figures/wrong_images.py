"""The mistakes that the classifier was most sure of."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lightning_skin.evaluation.figures.style import INK, MUTED, TICK_SIZE, TITLE_SIZE, new_figure, shortened

COLUMNS = 4
LIMIT = 16


def wrong_images_figure(
    images: Sequence[NDArray[np.uint8]],
    true: Sequence[str],
    predicted: Sequence[str],
    confidence: Sequence[float],
) -> Figure:
    """Show up to 16 wrongly classified images, the most confident mistake first.

    Args:
        images: Images ``(H, W, 3)``, right and wrong ones, sizes may differ.
        true: Class of each image.
        predicted: Guess for each image.
        confidence: Probability of each guess in [0, 1].
    """
    wrong = [index for index in range(len(images)) if true[index] != predicted[index]]
    shown = sorted(wrong, key=lambda index: -confidence[index])[:LIMIT]
    rows = max(1, ceil(len(shown) / COLUMNS))
    figure = new_figure(2.6 * COLUMNS, 3.0 * rows + 0.5)
    figure.suptitle("Most confident mistakes", fontsize=TITLE_SIZE, color=INK)
    if not shown:
        figure.text(
            0.5, 0.5, f"none among {len(images)} images", ha="center", fontsize=TITLE_SIZE, color=MUTED
        )
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.set_axis_off()
        axes.set_anchor("N")
    for axes, index in zip(panels, shown, strict=False):
        axes.imshow(images[index])
        caption = (
            f"true: {shortened(true[index])}\nguess: {shortened(predicted[index])} ({confidence[index]:.2f})"
        )
        axes.set_title(caption, fontsize=TICK_SIZE - 1, color=INK, loc="left")
    return figure
