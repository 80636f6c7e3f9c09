"""Naevus and melanoma."""

import numpy as np
from numpy.random import Generator

from lightning_skin.data.synthetic.lesion import Lesion, blotch, depth_inside, mottled, presence_of
from lightning_skin.data.synthetic.plane import Field, Plane, honeycomb, noise, scatter, smoothstep
from lightning_skin.data.synthetic.shapes import dots
from lightning_skin.data.synthetic.tissue import Tissue


def naevus(plane: Plane, rng: Generator) -> Lesion:
    """Draw a symmetric, evenly pigmented mole with a regular border: reticular, globular or homogeneous."""
    depth = depth_inside(plane, rng, rng.uniform(0.03, 0.1))
    presence = presence_of(depth, rng.uniform(0.25, 0.5))
    centre_weight = rng.uniform(-0.2, 0.6)
    profile = 1 + centre_weight * (np.clip(depth, 0, 1) - 0.3)
    melanin = rng.uniform(0.5, 1.3) * presence * profile * mottled(plane, rng, 0.2)
    pattern = rng.choice(("reticular", "globular", "homogeneous"), p=(0.5, 0.3, 0.2))
    if pattern == "reticular":
        melanin *= 1 + rng.uniform(0.35, 1.1) * (honeycomb(plane, rng, rng.uniform(0.2, 0.3), 0.25) - 0.5)
    elif pattern == "globular":
        centres = scatter(rng, rng.uniform(0.26, 0.34), 0.12)
        globules = dots(plane, centres, rng.uniform(0.06, 0.085, len(centres)))
        melanin *= 1 + rng.uniform(0.4, 1.2) * (globules - 0.35)
    nothing = np.zeros_like(presence)
    blood = rng.uniform(0, 0.5) * presence
    return Lesion(presence, Tissue(melanin, blood, nothing, nothing, nothing))


def melanoma(plane: Plane, rng: Generator) -> Lesion:
    """Draw an asymmetric lesion of several colours: ragged border, blue-white veil, dots at the edge."""
    depth = depth_inside(plane, rng, rng.uniform(0.06, 0.18))
    depth += np.float32(0.08) * noise(rng, 9, depth.shape, octaves=2)
    side = rng.uniform(0, 2 * np.pi)
    toward = (np.cos(side) * plane.u + np.sin(side) * plane.v).astype(np.float32)
    presence = presence_of(depth, 0.1 + 0.3 * smoothstep(toward, -1, 1))
    melanin = presence * _several_browns(plane, rng, side)
    melanin += rng.uniform(0.2, 1.3) * _edge_dots(plane, rng, side)
    veil_at = rng.uniform(0.2, 0.5) * np.exp(1j * (side + rng.normal(np.pi, 0.8)))
    veil = blotch(plane, rng, (veil_at.real, veil_at.imag), rng.uniform(0.25, 0.5))
    veil *= presence * rng.uniform(0.1, 0.6) * np.clip(mottled(plane, rng, 0.6), 0, 1.4)
    scar = np.zeros_like(presence)
    if rng.random() < 0.4:
        scar_at = 0.55 * np.exp(1j * (side + rng.normal(np.pi / 2, 0.5)))
        scar = presence * blotch(plane, rng, (scar_at.real, scar_at.imag), 0.35) * rng.uniform(0.1, 0.4)
    blood = presence * (rng.uniform(0, 0.35) + 0.25 * smoothstep(noise(rng, 5, depth.shape), 0, 1.5))
    return Lesion(presence, Tissue(melanin, blood, veil, scar, np.zeros_like(presence)))


def _several_browns(plane: Plane, rng: Generator, side: float) -> Field:
    """Tan, brown and nearly black areas, the darkest towards ``side``, with remains of a network."""
    shape = plane.u.shape
    browns = rng.uniform(0.3, 0.8) * mottled(plane, rng, 0.35)
    browns += rng.uniform(0.1, 0.45) * smoothstep(noise(rng, 5, shape, octaves=2), 0.2, 0.5)
    network = honeycomb(plane, rng, rng.uniform(0.2, 0.3), 0.4)
    browns *= 1 + 0.8 * (network - 0.5) * smoothstep(noise(rng, 4, shape), -0.3, 0.5)
    at = rng.uniform(0.3, 0.6) * np.exp(1j * side)
    dark = blotch(plane, rng, (at.real, at.imag), rng.uniform(0.35, 0.55))
    return browns + rng.uniform(0.1, 0.9) * dark


def _edge_dots(plane: Plane, rng: Generator, side: float) -> Field:
    count = rng.integers(2, 10)
    angles = rng.normal(side + rng.normal(0, 0.5), 0.5, count)
    radii = rng.uniform(0.85, 1.2, count)
    centres = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    return dots(plane, centres, rng.uniform(0.035, 0.075, count))
