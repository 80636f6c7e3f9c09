"""Images unlike the rest."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lightning_skin.data.inspection import Facts

ENOUGH = 20
"""So many images make a rest to be unlike."""
SIZE_FACTOR, ASPECT_FACTOR = 2.0, 1.5
"""Times the typical side length or aspect ratio, or as many times less."""
COLOUR_DISTANCE = 8.0
"""Deviations from the median, relative to the median absolute deviation of normally distributed values."""
NORMAL = 1.4826
LEAST_SPREAD = 4.0  # grey levels; a set of near-identical colours has no outliers
FLAT = 1.5  # standard deviation of the thumbnail, in grey levels
CHANNELS = ("red", "green", "blue")


class Outlier(NamedTuple):
    """An image unlike the rest.

    Attributes:
        row: Among the N images.
        kind: ``size``, ``aspect`` or ``colour``.
        value: What it has.
        typical: What the rest has.
    """

    row: int
    kind: str
    value: str
    typical: str


def find_outliers(facts: Facts) -> list[Outlier]:
    """Find images far from the median in size, aspect or colour, and pictures of nothing; by row and kind."""
    table = facts.table
    if len(table) < ENOUGH:
        return []
    width, height = (table[name].to_numpy(float) for name in ("width", "height"))
    size = f"{np.median(width):.0f} x {np.median(height):.0f} px"
    sizes = [f"{w:.0f} x {h:.0f} px" for w, h in zip(width, height, strict=True)]
    side, aspect = np.sqrt(width * height), np.maximum(width, height) / np.minimum(width, height)
    colours = table[list(CHANNELS)].to_numpy(float)
    usual = _shown_colour(np.median(colours, axis=0))
    flat = facts.thumbnails.std(axis=(1, 2)) < FLAT
    found = [Outlier(row, "size", sizes[row], size) for row in _far(side, SIZE_FACTOR)]
    found += [
        Outlier(row, "aspect", f"{aspect[row]:.2f} : 1", f"{np.median(aspect):.2f} : 1")
        for row in _far(aspect, ASPECT_FACTOR)
    ]
    found += [
        Outlier(row, "colour", "nearly one colour" if flat[row] else _shown_colour(colours[row]), usual)
        for row in np.flatnonzero(flat | _odd_colours(colours)).tolist()
    ]
    return sorted(found)


def _far(values: npt.NDArray[np.float64], factor: float) -> list[int]:
    ratio = values / np.median(values)
    return np.flatnonzero((ratio > factor) | (ratio < 1 / factor)).tolist()


def _odd_colours(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    # Brightness varies widely; hue hardly does. So brightness and the two differences are judged apart.
    red, green, blue = colours.T
    axes = np.stack([red + green + blue, red - green, blue - green], axis=1)
    deviation = np.abs(axes - np.median(axes, axis=0))
    spread = np.maximum(NORMAL * np.median(deviation, axis=0), LEAST_SPREAD)
    return (deviation / spread > COLOUR_DISTANCE).any(axis=1)


def _shown_colour(colour: npt.NDArray[np.float64]) -> str:
    return "RGB " + ", ".join(f"{channel:.0f}" for channel in colour)
