"""Anti-aliased dots, ovals and strokes on a lesion's plane."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from lightning_skin.data.synthetic.plane import EXTENT, Field, Plane

Points = NDArray[np.float64]

SUPERSAMPLING = 2


def rasterise(strokes: Iterable[tuple[Points, float]], shape: tuple[int, int]) -> Field:
    """Draw polylines with anti-aliasing.

    Args:
        strokes: Points ``(n, 2)`` as ``(x, y)`` and width, both in pixels, for each line.
        shape: Height and width in pixels.

    Returns:
        Coverage in [0, 1] of the given shape.
    """
    height, width = shape
    canvas = Image.new("L", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    draw = ImageDraw.Draw(canvas)
    for points, thickness in strokes:
        flat = (points * SUPERSAMPLING).ravel().tolist()
        draw.line(flat, fill=255, width=max(1, round(thickness * SUPERSAMPLING)), joint="curve")
    return _shrink(canvas, shape)


def strokes(plane: Plane, paths: Iterable[tuple[Points, float]]) -> Field:
    """Draw polylines given in lesion radii: points ``(n, 2)`` and width of each.

    Returns:
        Coverage ``(N, N)`` in [0, 1].
    """
    scale = plane.size / (2 * EXTENT)
    return rasterise([(plane.pixels(path), width * scale) for path, width in paths], plane.u.shape)


def ovals(
    plane: Plane, rng: Generator, centres: Points, radii: Points, elongation: float, softness: float
) -> Field:
    """Draw filled ovals, each turned at random.

    Args:
        plane: Where to draw.
        rng: Source of the orientations.
        centres: Centres ``(n, 2)`` in lesion radii.
        radii: Mean radii ``(n,)`` in lesion radii.
        elongation: Ratio of the long to the short axis, 1 for discs.
        softness: Deviation of the blur of their rims, in lesion radii.

    Returns:
        Coverage ``(N, N)`` in [0, 1].
    """
    height, width = plane.u.shape
    canvas = Image.new("L", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    draw = ImageDraw.Draw(canvas)
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 20, endpoint=False))
    stretched = circle.real * np.sqrt(elongation) + 1j * circle.imag / np.sqrt(elongation)
    for centre, radius in zip(centres, radii, strict=True):
        ring = stretched * np.exp(1j * rng.uniform(0, np.pi)) * radius
        corners = plane.pixels(np.stack([ring.real, ring.imag], axis=1) + centre) * SUPERSAMPLING
        draw.polygon(corners.ravel().tolist(), fill=255)
    blur = ImageFilter.GaussianBlur(softness * plane.size / (2 * EXTENT) * SUPERSAMPLING)
    return _shrink(canvas.filter(blur), (height, width))


def dots(plane: Plane, centres: Points, radii: Points) -> Field:
    """Draw soft round dots.

    Args:
        plane: Where to draw.
        centres: Centres ``(n, 2)`` in lesion radii.
        radii: Radii ``(n,)`` in lesion radii, where a dot has fallen to 0.6.

    Returns:
        Field ``(N, N)`` in [0, 1].
    """
    # A Gaussian is separable: two thin matrices instead of one plane per dot.
    rows = np.exp(-0.5 * ((plane.v[:, :1].T - centres[:, 1:]) / radii[:, None]) ** 2)
    columns = np.exp(-0.5 * ((plane.u[:1] - centres[:, :1]) / radii[:, None]) ** 2)
    return np.minimum(rows.T @ columns, 1).astype(np.float32)


def tree(
    rng: Generator, root: Points, heading: float, length: float, width: float
) -> Sequence[tuple[Points, float]]:
    """Grow a branching vessel.

    Args:
        rng: Source of bends and branches.
        root: Where it starts ``(2,)``, in lesion radii.
        heading: Direction of growth, in radians.
        length: Length of the trunk, in lesion radii.
        width: Width of the trunk, in lesion radii; each branch has 0.65 of its parent's.

    Returns:
        Path and width of trunk and branches, as `strokes` takes them.
    """
    bends = heading + np.cumsum(rng.normal(0, 0.22, 8))
    steps = np.stack([np.cos(bends), np.sin(bends)], axis=1) * length / 8
    path = root + np.cumsum(np.vstack([np.zeros(2), steps]), axis=0)
    grown = [(path, width)]
    if width < 0.03:
        return grown
    for joint in rng.choice(np.arange(3, 9), 3, replace=False):
        turn = rng.choice((-1, 1)) * rng.uniform(0.4, 1.1)
        grown.extend(tree(rng, path[joint], bends[joint - 1] + turn, length * 0.6, width * 0.65))
    return grown


def _shrink(canvas: Image.Image, shape: tuple[int, int]) -> Field:
    height, width = shape
    small = canvas.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)
