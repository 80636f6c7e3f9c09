"""The augmentation with torchvision's colour changes."""

import math
from functools import partial

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageStat
from torchvision.transforms import functional

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.resize import Pixels


def standard(
    min_scale: float, brightness: float, contrast: float, saturation: float, hue: float
) -> Augmentation:
    """A random square, turned by any angle, flipped, with torchvision's colour changes in random order.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
        brightness: Largest relative change.
        contrast: Likewise.
        saturation: Likewise.
        hue: Largest shift, as a share of the colour circle.
    """
    return partial(_standard, min_scale=min_scale, strengths=(brightness, contrast, saturation, hue))


def _standard(
    pixels: Pixels,
    size: int,
    generator: Generator,
    min_scale: float,
    strengths: tuple[float, float, float, float],
) -> Pixels:
    image = Image.fromarray(pixels)
    side = min(image.size) * math.sqrt(generator.uniform(min_scale, 1))
    return np.array(_jitter(_random_square(image, side, size, generator), strengths, generator))


def _random_square(image: Image.Image, side: float, size: int, generator: Generator) -> Image.Image:
    """Crop, turn, flip and resize in one resampling step."""
    # Without it, a step that skips source pixels would alias.
    factor = max(1, int(side / size))
    image, side = (image.reduce(factor), side / factor) if factor > 1 else (image, side)
    centre_x, centre_y = (
        length / 2 + generator.uniform(-0.5, 0.5) * (length - side) for length in image.size
    )
    angle = generator.uniform(0, 2 * math.pi)
    flip = 1 if generator.random() < 0.5 else -1
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


def _jitter(
    image: Image.Image, strengths: tuple[float, float, float, float], generator: Generator
) -> Image.Image:
    """Do what torchvision's ColorJitter does, with our own random numbers."""
    brightness, contrast, saturation, hue = strengths
    changes = (
        partial(
            functional.adjust_brightness, brightness_factor=generator.uniform(-brightness, brightness) + 1
        ),
        partial(functional.adjust_contrast, contrast_factor=generator.uniform(-contrast, contrast) + 1),
        partial(
            functional.adjust_saturation, saturation_factor=generator.uniform(-saturation, saturation) + 1
        ),
        partial(functional.adjust_hue, hue_factor=generator.uniform(-hue, hue)),
    )
    for change in generator.permutation(len(changes)):
        image = changes[change](image)
    return image
