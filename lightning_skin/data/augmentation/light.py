"""Augmentations that leave every pixel as it is, but for its place."""

import math
from functools import partial

import numpy as np
from numpy.random import Generator

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.resize import Pixels, resize


def none() -> Augmentation | None:
    """No augmentation: training images take the evaluation transform."""
    return None


def light() -> Augmentation:
    """A random square as large as the image allows, flipped and turned by quarters."""
    return partial(random_square, min_scale=1)


def random_square(pixels: Pixels, size: int, generator: Generator, min_scale: float) -> Pixels:
    """A random square of an image, flipped and turned by quarters.

    Args:
        pixels: RGB image ``(H, W, 3)``.
        size: Side of the result, in pixels.
        generator: Of all randomness.
        min_scale: Smallest share of the largest square's area that is kept, in (0, 1].

    Returns:
        RGB image ``(S, S, 3)``.
    """
    side = min(pixels.shape[:2])
    if min_scale < 1:
        side = max(1, round(side * math.sqrt(generator.uniform(min_scale, 1))))
    top, left = (int(generator.integers(length - side + 1)) for length in pixels.shape[:2])
    turn = int(generator.integers(8))
    square = resize(pixels[top : top + side, left : left + side], size, size)
    turned = np.rot90(square, turn % 4)
    return np.ascontiguousarray(turned[:, ::-1] if turn >= 4 else turned)
