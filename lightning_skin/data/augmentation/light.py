"""Augmentations that leave every pixel as it is."""

import numpy as np
from numpy.random import Generator

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.resize import Pixels, resize


def none() -> Augmentation | None:
    """No augmentation: training images take the evaluation transform."""
    return None


def light() -> Augmentation:
    """A random square as large as the image allows, flipped and turned by quarters."""
    return _light


def _light(pixels: Pixels, size: int, generator: Generator) -> Pixels:
    side = min(pixels.shape[:2])
    top, left = (int(generator.integers(length - side + 1)) for length in pixels.shape[:2])
    turn = int(generator.integers(8))
    square = resize(pixels[top : top + side, left : left + side], size, size)
    turned = np.rot90(square, turn % 4)
    return np.ascontiguousarray(turned[:, ::-1] if turn >= 4 else turned)
