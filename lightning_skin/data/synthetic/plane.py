"""The square plane on which one lesion is drawn, and the random fields and patterns that live on it."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]

EXTENT = 2.0


@dataclass(frozen=True)
class Plane:
    """Coordinates in units of the lesion's mean radius, the origin in its centre.

    Attributes:
        size: Side of the plane, N pixels, spanning -EXTENT to EXTENT.
        u: Rightward coordinate ``(N, N)``.
        v: Downward coordinate ``(N, N)``.
    """

    size: int
    u: Field
    v: Field

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert points ``(..., 2)`` from lesion radii ``(u, v)`` to pixels ``(x, y)``."""
        return (points / EXTENT + 1) * self.size / 2


def plane_of(size: int) -> Plane:
    """Return the plane of ``size`` by ``size`` pixels."""
    axis = ((np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1) * EXTENT
    u, v = np.meshgrid(axis.astype(np.float32), axis.astype(np.float32))
    return Plane(size, u, v)


def smoothstep(values: Field, low: float, high: float) -> Field:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``, flat outside."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(rng: Generator, cells: float, shape: tuple[int, int], octaves: int = 1) -> Field:
    """Draw smooth noise of zero mean and about unit deviation.

    The lattice behind it depends on ``cells`` and the aspect ratio only, so that a seed gives the same
    field at any resolution.

    Args:
        rng: Source of the lattice.
        cells: Number of lattice cells along the height; more is finer.
        shape: Height and width in pixels.
        octaves: Number of lattices added up, each twice as fine and half as strong as the one before.

    Returns:
        Field of the given shape.
    """
    height, width = shape
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave))
        lattice = rng.standard_normal((rows, max(2, round(rows * width / height))), np.float32)
        smooth = Image.fromarray(lattice).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(smooth, np.float32) * np.float32(0.5**octave * 1.4)
    return total


def honeycomb(plane: Plane, rng: Generator, spacing: float, distortion: float) -> Field:
    """Draw a pigment network: dark meshes around light holes on a hexagonal lattice.

    Args:
        plane: Where to draw.
        rng: Source of the orientation and the distortion.
        spacing: Distance between neighbouring holes, in lesion radii.
        distortion: Displacement of the lattice, in multiples of ``spacing``.

    Returns:
        Field ``(N, N)`` in [0, 1], 1 on the lines.
    """
    bend = np.float32(distortion * spacing)
    shape = plane.u.shape
    u = plane.u + bend * noise(rng, 6, shape)
    v = plane.v + bend * noise(rng, 6, shape)
    angles = rng.uniform(0, np.pi) + np.arange(3) * np.pi / 3
    frequency = 4 * np.pi / (np.sqrt(3) * spacing)
    waves = np.zeros(shape, np.float32)
    for angle in angles:
        along = np.float32(np.cos(angle)) * u + np.float32(np.sin(angle)) * v
        waves += np.cos(np.float32(frequency) * along)
    # Lines of even thickness would look woven.
    waves += np.float32(0.5) * noise(rng, 8, shape, octaves=2)
    return 1 - smoothstep(waves, -1.3, 1.3)


def scatter(rng: Generator, spacing: float, jitter: float) -> NDArray[np.float64]:
    """Return points ``(n, 2)`` on a hexagonal lattice over the disc of radius 1.2, randomly turned.

    Args:
        rng: Source of the orientation and the jitter.
        spacing: Distance between neighbours, in lesion radii.
        jitter: Deviation of each point, in multiples of ``spacing``.
    """
    steps = np.arange(-1.5, 1.5 + spacing, spacing)
    columns, rows = np.meshgrid(steps, steps * np.sqrt(0.75))
    columns = columns + (np.arange(len(steps)) % 2 * spacing / 2)[:, None]
    turn = np.exp(1j * rng.uniform(0, np.pi))
    lattice = (columns + 1j * rows).ravel() * turn
    points = np.stack([lattice.real, lattice.imag], axis=1)
    points += rng.normal(0, jitter * spacing, points.shape)
    inside = np.hypot(points[:, 0], points[:, 1]) < 1.2
    return points[inside]


def disc_points(rng: Generator, count: int, reach: float) -> NDArray[np.float64]:
    """Return ``count`` points ``(count, 2)`` uniform over the disc of radius ``reach``."""
    radius = reach * np.sqrt(rng.random(count))
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
