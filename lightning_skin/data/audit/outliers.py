"""Images unlike the rest."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lightning_skin.data.inspection import Facts

ENOUGH = 20
"""So many images make a rest to be unlike."""
TAIL = 0.05
"""Share of the images at either end that does not count as the rest: so many may be odd together."""
SIZE_FACTOR, ASPECT_FACTOR = 2.0, 1.5
"""Times the largest side length or aspect ratio of the rest, or as many times less than the smallest.

Sizes are not compared with the median: collections of several clinics have several usual sizes.
"""
COLOUR_DISTANCE = 5.0
"""Mahalanobis distance of the mean colour; of normally distributed colours 1 in 65,000 is further away.

In HAM10000 3 of 10,015 images are: two of a blue-black melanoma, one with a violet cast.
"""
CORE = 0.9
CONSISTENT = 1.255
"""Variance of normally distributed colours in three dimensions, relative to that of their inner 90 %."""
STEPS = 5
LEAST_SPREAD = 4.0  # grey levels; a set of near-identical colours has no outliers
FLAT = 1.5  # standard deviation of the thumbnail in grey levels; the dullest of HAM10000 have 4.5
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
    """Find images far from the rest in size, aspect or colour, and pictures of nothing; by row and kind."""
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
    # Without interpolation, a single odd value never is among the rest.
    least = np.quantile(values, TAIL, method="higher")
    largest = np.quantile(values, 1 - TAIL, method="lower")
    return np.flatnonzero((values > factor * largest) | (values < least / factor)).tolist()


def _odd_colours(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Far from the mean, measured by the covariance, of the inner 90 % (Rousseeuw and Van Driessen 1999)."""
    core = np.ones(len(colours), dtype=bool)
    distance = np.zeros(len(colours))
    for _ in range(STEPS):
        mean = colours[core].mean(axis=0)
        covariance = CONSISTENT * np.cov(colours[core].T) + LEAST_SPREAD**2 * np.eye(3)
        from_mean = colours - mean
        distance = np.sqrt(np.einsum("ni,ij,nj->n", from_mean, np.linalg.inv(covariance), from_mean))
        core = distance <= np.quantile(distance, CORE)
    return distance > COLOUR_DISTANCE


def _shown_colour(colour: npt.NDArray[np.float64]) -> str:
    return "RGB " + ", ".join(f"{channel:.0f}" for channel in colour)
