"""Rectangles of training images that are wiped out."""

import math
from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
from numpy.random import Generator

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.resize import Pixels

LONGEST = 3.0  # ratio of the sides of a rectangle


def with_erasing(
    augmentation: Augmentation | None, probability: float, area: Sequence[float]
) -> Augmentation | None:
    """An augmentation that sometimes wipes out a rectangle of what it shows.

    Random erasing (Zhong et al., AAAI 2020); with a probability of 1 and one area it is cutout (DeVries and
    Taylor, 2017) of other than squares. The rectangle lies within the image and takes its mean colour, which
    is skin rather than a new kind of lesion.

    Args:
        augmentation: Comes first; ``None`` shows the centred square.
        probability: In [0, 1]; 0 leaves ``augmentation`` as it is.
        area: Smallest and largest share of the image, in (0, 1].
    """
    if probability == 0:
        return augmentation
    smallest, largest = area
    return partial(
        _erased,
        augmentation=augmentation or _centred,
        probability=probability,
        smallest=smallest,
        largest=largest,
    )


def _erased(
    pixels: Pixels,
    size: int,
    generator: Generator,
    augmentation: Augmentation,
    probability: float,
    smallest: float,
    largest: float,
) -> Pixels:
    square = augmentation(pixels, size, generator)
    draw, share, ratio, top, left = generator.random(5)
    if draw >= probability:
        return square
    area = smallest + (largest - smallest) * share
    # No side longer than the image's, so that the area is always the one that was drawn.
    longest = math.log(min(LONGEST, 1 / area))
    stretch = math.exp(longest * (2 * ratio - 1))
    height, width = (
        min(size, max(1, round(size * math.sqrt(part)))) for part in (area * stretch, area / stretch)
    )
    first_row, first_column = int(top * (size - height + 1)), int(left * (size - width + 1))
    erased = square.copy()
    erased[first_row : first_row + height, first_column : first_column + width] = np.rint(
        cv2.mean(square)[:3]
    )
    return erased


def _centred(pixels: Pixels, size: int, _generator: Generator) -> Pixels:
    return Preprocessing(size).resize(pixels)
