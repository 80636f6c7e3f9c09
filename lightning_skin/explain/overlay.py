"""A heat map laid over the image that it explains."""

from collections.abc import Sequence
from math import floor

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

# Perceptually uniform, readable with every colour blindness, and far from the reds and browns of skin.
COLOUR_MAP = "viridis"

LONGEST_SIDE = 512  # Pixels of a drawn image: what a panel can show.

# Rec. 601, as in PIL's conversion to grey.
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def place_on_image(
    heat_map: NDArray[np.float32], box: tuple[float, float, float, float], width: int, height: int
) -> NDArray[np.float32]:
    """Put the heat map of a resized crop back where the crop was in the original image.

    Args:
        heat_map: Map ``(h, w)`` of the network's input, in [0, 1].
        box: Region (left, top, right, bottom) of the original image that was resized to the network's
            input, in pixels of the upright image. Its edges are rounded to whole pixels; it may reach
            beyond the image, where the input was padded.
        width: Width of the original image in pixels.
        height: Height of the original image in pixels.

    Returns:
        Map ``(height, width)`` in [0, 1], NaN where the network did not see the image.

    Raises:
        ValueError: The box and the image have no pixel in common.
    """
    # Halves go up alike, so that a box of whole size keeps its size.
    left, top, right, bottom = (floor(edge + 0.5) for edge in box)
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise ValueError(f"box is {box}, expected a region of the image of {width} x {height} px")
    resized = Image.fromarray(heat_map).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    seen = np.asarray(resized)[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    placed = np.full((height, width), np.nan, dtype=np.float32)
    placed[rows, columns] = seen
    return placed


def overlay(
    image: NDArray[np.uint8], placed_map: NDArray[np.float32], opacity: float = 0.45
) -> NDArray[np.uint8]:
    """Colour an image by its heat map.

    The colour fades with the map, so that where little speaks for the class the skin stays as it is.
    What the network did not see turns grey and dark.

    Args:
        image: Image ``(H, W, 3)``.
        placed_map: Map ``(H, W)`` in [0, 1], NaN where the network did not see the image.
        opacity: Weight of the colour where the map is 1, in [0, 1].

    Returns:
        Image ``(H, W, 3)``.
    """
    unseen = np.isnan(placed_map)
    heat = np.where(unseen, np.float32(0), placed_map)
    colours = colormaps[COLOUR_MAP](np.linspace(0, 1, 256))[:, :3].astype(np.float32) * 255
    # The root keeps middling evidence in sight, which a straight fade loses on pink skin.
    weight = (opacity * np.sqrt(heat))[..., None]
    blended = image * (1 - weight) + colours[(heat * 255).round().astype(np.uint8)] * weight
    blended[unseen] = (image[unseen] @ _LUMINANCE * np.float32(0.5))[:, None]
    return blended.round().astype(np.uint8)


def fit_for_drawing(
    image: NDArray[np.uint8], placed_maps: Sequence[NDArray[np.float32]]
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Shrink an image and its maps to what a figure can show.

    Args:
        image: Image ``(H, W, 3)``.
        placed_maps: Maps ``(H, W)``, NaN where the network did not see the image.

    Returns:
        The same with a long side of at most ``LONGEST_SIDE`` pixels.
    """
    height, width = image.shape[:2]
    factor = min(1.0, LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    shrunk = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    # Any mixing of pixels would spread the NaN.
    heats = [Image.fromarray(heat).resize(size, Image.Resampling.NEAREST) for heat in placed_maps]
    return np.asarray(shrunk), [np.asarray(heat) for heat in heats]
