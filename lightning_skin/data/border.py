"""The dark surroundings of a dermoscope's field of view."""

import cv2
import numpy as np
import numpy.typing as npt

from lightning_skin.data.resize import Pixels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

DARK = 45  # the brightest channel of a pixel of the border, of 255 levels; its edge is soft
WORKING_SIDE = 128  # pixels of the shorter side on which the border is looked for
MARGIN = 0.97  # share of a row or column of a margin that is dark
LEAST = 0.5  # share of a side that a crop keeps; what is darker than that is a dark image
DARK_CORNERS = 3  # of a round field; shadows and fingers darken one or two
STRAY = 0.005  # share of dark pixels, such as hairs at the edge, that a clear field may hold


def content_box(pixels: Pixels, crop: str) -> Box:
    """What of an image is left without the dark border of its dermoscope.

    ``frame`` cuts off margins that are dark from end to end; of a round field of view its dark corners stay.
    ``corners`` cuts further, to the largest centred square without dark corners: at most down to the square
    inside the circle, and only where the field is round, with a clear circle inside the centred square and
    three dark corners. Lesions, hairs and shadows are dark too, but do not surround the field.

    Args:
        pixels: RGB image ``(H, W, 3)``.
        crop: ``frame`` or ``corners``.

    Returns:
        The whole image where there is no such border.
    """
    factor = max(1, min(pixels.shape[:2]) // WORKING_SIDE)
    height, width = pixels.shape[:2]
    small = cv2.resize(
        pixels, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA
    )
    dark = _dark_border(np.asarray(small, np.uint8))
    left, top, right, bottom = _framed(dark)
    if crop == "corners":
        left, top, right, bottom = _without_corners(dark, (left, top, right, bottom))
    small_height, small_width = dark.shape
    # Outer edges stay where they are, although the small image may lack the last few pixels.
    return (
        round(left * width / small_width),
        round(top * height / small_height),
        round(right * width / small_width),
        round(bottom * height / small_height),
    )


def _dark_border(pixels: Pixels) -> npt.NDArray[np.bool_]:
    """Dark pixels that are connected to the edge of the image ``(H, W)``."""
    dark = (pixels.max(axis=2) < DARK).astype(np.uint8)
    _, parts = cv2.connectedComponents(dark, connectivity=4)
    edge = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    return np.isin(parts, edge[edge > 0])


def _framed(dark: npt.NDArray[np.bool_]) -> Box:
    height, width = dark.shape
    top, bottom = _span(dark.mean(axis=1))
    # Without the margins above and below, which would hide bright columns behind their share.
    left, right = _span(dark[top:bottom].mean(axis=0))
    if right - left < LEAST * width or bottom - top < LEAST * height:
        return 0, 0, width, height
    return left, top, right, bottom


def _span(shares: npt.NDArray[np.float64]) -> tuple[int, int]:
    clear = np.flatnonzero(shares < MARGIN)
    return (int(clear[0]), int(clear[-1]) + 1) if len(clear) else (0, len(shares))


def _without_corners(dark: npt.NDArray[np.bool_], box: Box) -> Box:
    left, top, right, bottom = box
    side = min(right - left, bottom - top)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    rows, columns = np.indices(dark.shape) + 0.5
    across, down = np.abs(columns - middle_x), np.abs(rows - middle_y)
    inside = np.hypot(across, down) < side / 2
    if dark[inside].mean() > STRAY or _dark_corners(dark[top:bottom, left:right]) < DARK_CORNERS:
        return box
    distance = np.maximum(across, down)
    for smaller in range(side, int(side / np.sqrt(2)), -1):
        if dark[distance < smaller / 2].mean() <= STRAY:
            break
    if smaller == side:
        return box
    left, top = round(middle_x - smaller / 2), round(middle_y - smaller / 2)
    return left, top, left + smaller, top + smaller


def _dark_corners(dark: npt.NDArray[np.bool_]) -> int:
    end = max(1, min(dark.shape) // 32)
    rows, columns = (slice(end), slice(-end, None)), (slice(end), slice(-end, None))
    return sum(bool(dark[row, column].mean() > 0.5) for row in rows for column in columns)
