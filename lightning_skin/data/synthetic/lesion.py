"""One lesion: its outline and its tissue."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from lightning_skin.data.synthetic.plane import Field, Plane, noise, smoothstep
from lightning_skin.data.synthetic.tissue import Tissue

LARGEST_RADIUS = 1.45


class Lesion(NamedTuple):
    """A lesion on its plane.

    Attributes:
        presence: How much of each point ``(N, N)`` is lesion, in [0, 1]; the border is at 0.5.
        tissue: Maps ``(N, N)``.
    """

    presence: Field
    tissue: Tissue


def tinted(lesion: Lesion, plane: Plane, rng: Generator) -> Lesion:
    """Add clouds of brown and red that differ between lesions but not between classes."""
    shape = plane.u.shape
    melanin = rng.uniform(0, 0.5) * smoothstep(noise(rng, 5, shape, octaves=2), -1.5, 1.5)
    blood = rng.uniform(0, 0.5) * smoothstep(noise(rng, 5, shape, octaves=2), -1.5, 1.5)
    tissue = lesion.tissue._replace(
        melanin=lesion.tissue.melanin + lesion.presence * melanin,
        blood=lesion.tissue.blood + lesion.presence * blood,
    )
    return lesion._replace(tissue=tissue)


def depth_inside(plane: Plane, rng: Generator, irregularity: float) -> Field:
    """Draw an outline: 0 on it, rising to 1 in the centre, negative outside.

    Args:
        plane: Where to draw.
        rng: Source of the outline.
        irregularity: Relative deviation of the radius from an ellipse.

    Returns:
        Field ``(N, N)``.
    """
    turn, stretch = rng.uniform(0, np.pi), np.sqrt(rng.uniform(1, 1.4))
    u = (np.cos(turn) * plane.u + np.sin(turn) * plane.v) / stretch
    v = (np.cos(turn) * plane.v - np.sin(turn) * plane.u) * stretch
    angle = np.arctan2(v, u)
    orders = np.arange(2, 9)
    weights = rng.standard_normal(len(orders)) / orders**1.3
    weights *= irregularity * np.sqrt(2) / np.linalg.norm(weights)
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    waves = [w * np.cos(k * angle + p) for k, w, p in zip(orders, weights, phases, strict=True)]
    depth = 1 - np.hypot(u, v) / np.maximum(1 + sum(waves), 0.3)
    # The softest border must still end on the plane, which would otherwise cut it off straight.
    return np.minimum(depth, LARGEST_RADIUS - np.hypot(plane.u, plane.v)).astype(np.float32)


def presence_of(depth: Field, softness: float | Field) -> Field:
    """Return the presence ``(N, N)`` of a lesion whose border is ``softness`` wide, in lesion radii."""
    return smoothstep(depth / softness, -0.5, 0.5)


def mottled(plane: Plane, rng: Generator, strength: float) -> Field:
    """Return a factor ``(N, N)`` around 1, the grain of any living tissue."""
    return np.exp(np.float32(strength) * noise(rng, 10, plane.u.shape, octaves=3) * np.float32(0.5))


def blotch(plane: Plane, rng: Generator, centre: tuple[float, float], radius: float) -> Field:
    """Draw a ragged patch ``(N, N)`` in [0, 1] of about ``radius`` around ``centre``, in lesion radii."""
    distance = np.hypot(plane.u - np.float32(centre[0]), plane.v - np.float32(centre[1]))
    edge = distance / np.float32(radius) + np.float32(0.22) * noise(rng, 9, plane.u.shape, octaves=2)
    return 1 - smoothstep(edge, 0.5, 1.35)
