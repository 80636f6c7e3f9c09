"""Dermatofibroma and vascular lesion."""

import numpy as np
from numpy.random import Generator

from lightning_skin.data.synthetic.lesion import Lesion, blotch, depth_inside, mottled, presence_of
from lightning_skin.data.synthetic.plane import Field, Plane, honeycomb, noise, scatter, smoothstep
from lightning_skin.data.synthetic.shapes import Points, strokes
from lightning_skin.data.synthetic.tissue import Tissue


def dermatofibroma(plane: Plane, rng: Generator) -> Lesion:
    """Draw a round, fading disc: white scar-like centre, delicate network around it."""
    depth = depth_inside(plane, rng, rng.uniform(0.03, 0.07))
    presence = presence_of(depth, rng.uniform(0.5, 0.8))
    network = honeycomb(plane, rng, rng.uniform(0.15, 0.2), 0.3)
    melanin = rng.uniform(0.4, 1.1) * presence * (1 + rng.uniform(0.2, 0.8) * (network - 0.5))
    melanin *= mottled(plane, rng, 0.2)
    at = rng.normal(0, 0.07, 2)
    centre = blotch(plane, rng, (at[0], at[1]), rng.uniform(0.35, 0.55))
    melanin *= 1 - rng.uniform(0.3, 0.8) * centre
    scar = centre * rng.uniform(0.1, 0.6) * (0.75 + 0.25 * noise(rng, 14, depth.shape, octaves=2))
    streaks = rng.uniform(0.1, 0.7) * centre * strokes(plane, _white_lines(rng, at))
    scar = np.clip(np.maximum(scar, streaks), 0, 1)
    blood = rng.uniform(0, 0.5) * presence
    nothing = np.zeros_like(presence)
    return Lesion(presence, Tissue(melanin, blood, nothing, scar, nothing))


def vascular_lesion(plane: Plane, rng: Generator) -> Lesion:
    """Draw a sharply bordered lesion of red to purple lacunae between pale septa."""
    depth = depth_inside(plane, rng, rng.uniform(0.04, 0.1))
    presence = presence_of(depth, rng.uniform(0.06, 0.16))
    seeds = scatter(rng, rng.uniform(0.38, 0.6), 0.2)
    reach = rng.uniform(0.75, 1.35, len(seeds))[:, None, None]
    offsets = np.hypot(plane.u - seeds[:, :1, None], plane.v - seeds[:, 1:, None]) / reach  # (n, N, N)
    nearest = np.partition(offsets.astype(np.float32), 1, axis=0)[:2]
    owner = offsets.argmin(axis=0)
    # Lines of equal ratio of two distances are circles (Apollonius): a wider gap makes rounder lacunae.
    ratio = 1 - nearest[0] / nearest[1] + np.float32(0.04) * noise(rng, 9, depth.shape, octaves=2)
    gap = rng.uniform(0.03, 0.35)
    lacuna = presence * smoothstep(ratio, gap, gap + 0.3)
    fill = rng.uniform(0.35, 1.3, len(seeds)).astype(np.float32)[owner]
    clotted = rng.beta(0.6, 1.4, len(seeds)).astype(np.float32)[owner]
    blood = rng.uniform(0.3, 0.9) * fill * lacuna * mottled(plane, rng, 0.15)
    blood += rng.uniform(0.1, 0.5) * presence
    melanin = rng.uniform(0.2, 1.1) * clotted * lacuna
    veil = rng.uniform(0.1, 0.5) * clotted * lacuna
    septa: Field = presence - lacuna
    return Lesion(
        presence, Tissue(melanin, blood, veil, rng.uniform(0.05, 0.3) * septa, np.zeros_like(presence))
    )


def _white_lines(rng: Generator, centre: Points) -> list[tuple[Points, float]]:
    """Shiny white streaks crossing in the centre."""
    lines = []
    for angle in rng.uniform(0, np.pi, 5):
        along = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.25, 0.5)
        middle = centre + rng.normal(0, 0.12, 2)
        lines.append((np.stack([middle - along, middle + along]), rng.uniform(0.03, 0.06)))
    return lines
