"""Colour changes as one matrix."""

import math

import numpy as np
import numpy.typing as npt

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, what torchvision and Pillow call grey
YIQ = np.array([LUMA, [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])


def colour_matrix(
    brightness: float, contrast: float, saturation: float, hue: float, mean: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Change brightness, then contrast, saturation and hue.

    The first three are torchvision's ``adjust_*``, save that nothing is rounded or clipped between them.
    The hue is turned in YIQ, which keeps the luma; torchvision turns it in HSV, which keeps the largest
    channel and is no linear map.

    Args:
        brightness: Factor; 1 changes nothing.
        contrast: Factor of the distance to the image's mean luma.
        saturation: Factor of the distance to each pixel's own luma.
        hue: Shift, as a share of the colour circle; positive from red towards green, as torchvision's.
        mean: Mean of the image's R, G and B.

    Returns:
        Matrix ``(3, 4)``: factors of R, G and B, and an addend in the image's own unit.
    """
    grey = brightness * float(LUMA @ np.asarray(mean))
    saturated = saturation * np.eye(3) + (1 - saturation) * LUMA
    turned = _hue_turn(hue) @ saturated
    factors = turned * (contrast * brightness)
    addend = turned @ np.full(3, (1 - contrast) * grey)
    return np.column_stack([factors, addend])


def _hue_turn(hue: float) -> npt.NDArray[np.float64]:
    angle = -2 * math.pi * hue
    turn = np.eye(3)
    turn[1:, 1:] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    return np.linalg.inv(YIQ) @ turn @ YIQ
