"""The fast augmentation: one warp and one colour matrix, on 8-bit pixels."""

import math
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from lightning_skin.data.augmentation.colour import colour_matrix
from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.resize import Pixels

# Worker processes are the parallelism; OpenCV's own threads do not survive a fork.
cv2.setNumThreads(0)

# From so many source pixels a step on, averaging them first is closer to antialiasing than sampling them:
# measured on dermoscopic images, where both are 0.7 levels off.
REDUCE_FROM = 1.7


class View(NamedTuple):
    """A square of an image, as it will be shown.

    Attributes:
        centre_x: In pixels of the image, 0 at its left edge.
        centre_y: Likewise from its top edge.
        side: In pixels of the image.
        angle: Turns the content of the view counter-clockwise, in radians.
        mirrored: Whether the view is mirrored, left to right, before it is turned.
        shear: Tangent of the angle by which its upright edges lean.
        stretch: Its width is so many times, its height one over so many times ``side``.
    """

    centre_x: float
    centre_y: float
    side: float
    angle: float
    mirrored: bool
    shear: float = 0.0
    stretch: float = 1.0


def fused(
    min_scale: float, brightness: float, contrast: float, saturation: float, hue: float
) -> Augmentation:
    """What ``standard`` does, in one resampling and one matrix; only the hue is another.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
        brightness: Largest relative change.
        contrast: Likewise, around the image's mean.
        saturation: Likewise.
        hue: Largest shift, as a share of the colour circle.
    """
    return partial(_fused, min_scale=min_scale, strengths=(brightness, contrast, saturation, hue))


def affine(
    min_scale: float,
    shear: float,
    stretch: float,
    brightness: float,
    contrast: float,
    saturation: float,
    hue: float,
) -> Augmentation:
    """``fused``, of squares that are also sheared and stretched: any affine map, at the same cost.

    Args:
        min_scale: Smallest share of the largest square's area that a crop keeps, in (0, 1].
        shear: Largest angle, in degrees, in [0, 90).
        stretch: Largest relative change of the ratio of the sides, at least 0.
        brightness: Largest relative change.
        contrast: Likewise, around the image's mean.
        saturation: Likewise.
        hue: Largest shift, as a share of the colour circle.
    """
    return partial(
        _fused,
        min_scale=min_scale,
        strengths=(brightness, contrast, saturation, hue),
        shear=math.tan(math.radians(shear)),
        stretch=math.log1p(stretch),
    )


def _fused(
    pixels: Pixels,
    size: int,
    generator: Generator,
    min_scale: float,
    strengths: tuple[float, float, float, float],
    shear: float = 0.0,
    stretch: float = 0.0,
) -> Pixels:
    x, y, scale, angle, mirrored, *changes = generator.random(9)
    side = min(pixels.shape[:2]) * math.sqrt(min_scale + (1 - min_scale) * scale)
    pixels, side = _reduced(pixels, side, size)
    height, width = pixels.shape[:2]
    view = View(
        width / 2 + (x - 0.5) * (width - side),
        height / 2 + (y - 0.5) * (height - side),
        side,
        2 * math.pi * angle,
        mirrored < 0.5,
    )
    if shear or stretch:
        lean, ratio = 2 * generator.random(2) - 1
        view = view._replace(shear=shear * lean, stretch=math.exp(stretch * ratio / 2))
    mean = cv2.mean(pixels[::4])[:3]  # of every fourth row
    brightness, contrast, saturation, hue = np.array(strengths) * (2 * np.array(changes) - 1)
    matrix = colour_matrix(1 + brightness, 1 + contrast, 1 + saturation, hue, mean)
    return recolour(cut_out(pixels, view, size, mean), matrix)


def cut_out(pixels: Pixels, view: View, size: int, fill: tuple[float, ...]) -> Pixels:
    """Crop, turn, mirror and resize in one bilinear resampling.

    Args:
        pixels: RGB image ``(H, W, 3)``.
        view: What to show. Beyond 1.7 pixels of the image a pixel of the result, it aliases.
        size: Side of the result.
        fill: RGB of what lies outside the image; skin is closer to the truth than black.

    Returns:
        RGB image ``(S, S, 3)``.
    """
    step = view.side / size
    flip = -1 if view.mirrored else 1
    cosine, sine = step * math.cos(view.angle), step * math.sin(view.angle)
    linear = np.array([[cosine * flip, -sine * flip], [sine, cosine]])
    if view.shear or view.stretch != 1:
        linear = np.array([[view.stretch, view.shear], [0, 1 / view.stretch]]) @ linear
    # Pixel centres are whole numbers in OpenCV, and halves from the image's edge.
    centre = np.array([view.centre_x, view.centre_y]) - 0.5
    matrix = np.column_stack([linear, centre - linear @ np.full(2, (size - 1) / 2)])
    warped = cv2.warpAffine(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA),  # OpenCV warps four channels twice as fast as three
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(*fill, 0),
    )
    return np.asarray(cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB), np.uint8)


def recolour(pixels: Pixels, matrix: npt.NDArray[np.float64]) -> Pixels:
    """Apply a colour matrix ``(3, 4)`` to an RGB image ``(H, W, 3)``; the result is rounded and clipped."""
    return np.asarray(cv2.transform(pixels, matrix.astype(np.float32)), np.uint8)


def _reduced(pixels: Pixels, side: float, size: int) -> tuple[Pixels, float]:
    factor = int(side / size + 2 - REDUCE_FROM)
    if factor < 2:
        return pixels, side
    height, width = (length // factor for length in pixels.shape[:2])
    whole = pixels[: height * factor, : width * factor]
    averaged = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(averaged, np.uint8), side / factor
