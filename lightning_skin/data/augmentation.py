"""Training-only transforms, in the place of the evaluation transform's resize."""

import math
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageStat
from torchvision.transforms import v2

Augmentation = Callable[[Image.Image, int], Image.Image]
"""Upright RGB image of any size, side S -> RGB image of S x S, drawn with torch's random generator."""


def none() -> Augmentation | None:
    """No augmentation: training images take the evaluation transform."""
    return None


def light() -> Augmentation:
    """A random square as large as the image allows, flipped and turned by quarters."""

    def augment(image: Image.Image, size: int) -> Image.Image:
        side = min(image.size)
        left, top = (_uniform(0, length - side) for length in image.size)
        square = image.resize(
            (size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
        )
        turn = int(torch.randint(8, ()))
        turned = np.rot90(np.asarray(square), turn % 4)
        return Image.fromarray(np.ascontiguousarray(turned[:, ::-1] if turn >= 4 else turned))

    return augment


def standard(
    min_scale: float, brightness: float, contrast: float, saturation: float, hue: float
) -> Augmentation:
    """A random square, turned by any angle, flipped, with mild colour changes.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
        brightness: Largest relative change.
        contrast: Likewise.
        saturation: Likewise.
        hue: Largest shift, as a share of the colour circle.
    """
    jitter = v2.ColorJitter(brightness, contrast, saturation, hue)

    def augment(image: Image.Image, size: int) -> Image.Image:
        side = min(image.size) * math.sqrt(_uniform(min_scale, 1))
        return jitter(_random_square(image, side, size))

    return augment


def _random_square(image: Image.Image, side: float, size: int) -> Image.Image:
    """Crop, turn, flip and resize in one resampling step."""
    # Without it, a step that skips source pixels would alias.
    factor = max(1, int(side / size))
    image, side = (image.reduce(factor), side / factor) if factor > 1 else (image, side)
    centre_x, centre_y = (length / 2 + _uniform(-0.5, 0.5) * (length - side) for length in image.size)
    angle = _uniform(0, 2 * math.pi)
    flip = 1 if torch.rand(()) < 0.5 else -1
    step = side / size
    a, b = step * math.cos(angle) * flip, -step * math.sin(angle)
    d, e = step * math.sin(angle) * flip, step * math.cos(angle)
    offset = size / 2
    coefficients = (a, b, centre_x - (a + b) * offset, d, e, centre_y - (d + e) * offset)
    # The corners of a turned square can lie outside the image; skin is closer to the truth than black.
    fill = tuple(round(channel) for channel in ImageStat.Stat(image).mean)
    return image.transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR, fillcolor=fill
    )


def _uniform(low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand(()))
