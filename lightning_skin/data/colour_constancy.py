"""Colours as under white light, whatever lamp the dermoscope has."""

import cv2
import numpy as np

from lightning_skin.data.resize import Pixels

NORM = 6
"""Order of the Minkowski norm: between the mean (1) and the maximum (infinity), the best on photographs."""


def shades_of_grey(pixels: Pixels) -> Pixels:
    """Divide out the colour of the light, estimated as the Minkowski norm of each channel.

    Finlayson and Trezzi, "Shades of gray and colour constancy", Color Imaging Conference 2004; for dermoscopy
    Barata et al., IEEE J. Biomed. Health Inform. 19(3), 2015, likewise on the values as the file holds them.
    The length of the light's vector is kept, so that an image grows neither lighter nor darker on the whole.
    Black borders weigh nothing.

    Args:
        pixels: RGB image ``(H, W, 3)``.

    Returns:
        RGB image ``(H, W, 3)``, rounded and clipped; as it was where a channel is empty.
    """
    levels = np.arange(256) / 255
    # From counts of levels: the power of every pixel would take ten times as long.
    counts = np.stack(
        [cv2.calcHist([pixels], [channel], None, [256], [0, 256]).ravel() for channel in range(3)]
    )
    light = (counts @ levels**NORM) ** (1 / NORM)
    if light.min() == 0:
        return pixels
    gains = np.sqrt((light**2).mean()) / light
    table = np.rint(np.outer(levels * 255, gains)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table[:, None]), np.uint8)
