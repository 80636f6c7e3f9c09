"""Benign keratosis, actinic keratosis and basal cell carcinoma."""

import numpy as np
from numpy.random import Generator

from lightning_skin.data.synthetic.lesion import Lesion, depth_inside, mottled, presence_of
from lightning_skin.data.synthetic.plane import Field, Plane, disc_points, noise, scatter, smoothstep
from lightning_skin.data.synthetic.shapes import Points, dots, ovals, strokes, tree
from lightning_skin.data.synthetic.tissue import Tissue


def benign_keratosis(plane: Plane, rng: Generator) -> Lesion:
    """Draw a stuck-on plaque: sharp moth-eaten border, ridges, white milia-like cysts, dark openings."""
    shape = plane.u.shape
    depth = depth_inside(plane, rng, rng.uniform(0.05, 0.12))
    depth -= np.float32(rng.uniform(0.05, 0.3)) * smoothstep(noise(rng, 11, shape), 0.5, 1.6) * (depth < 0.4)
    presence = presence_of(depth, rng.uniform(0.05, 0.25))
    ridges = 1 - smoothstep(np.abs(noise(rng, 8, shape)), 0.0, 0.45)
    stipple = smoothstep(noise(rng, 26, shape), -0.5, 1.5)
    melanin = rng.uniform(0.35, 1.0) * presence * (0.8 + 0.5 * stipple) * mottled(plane, rng, 0.3)
    melanin *= 1 + rng.uniform(-0.45, 0.45) * ridges
    plugs = disc_points(rng, int(rng.integers(2, 8)), 0.8)
    plugged = presence * rng.uniform(0.3, 1.2)
    melanin += plugged * ovals(plane, rng, plugs, rng.uniform(0.04, 0.09, len(plugs)), 1.3, 0.01)
    cysts = disc_points(rng, int(rng.integers(4, 14)), 0.85)
    keratin = presence * rng.uniform(0.25, 0.7) * dots(plane, cysts, rng.uniform(0.035, 0.065, len(cysts)))
    keratin += presence * rng.uniform(0.0, 0.2)
    blood = presence * rng.uniform(0, 0.35)
    nothing = np.zeros_like(presence)
    return Lesion(presence, Tissue(melanin, blood, nothing, nothing, np.minimum(keratin, 1)))


def actinic_keratosis(plane: Plane, rng: Generator) -> Lesion:
    """Draw a scaly red plaque: red net around pale follicles ("strawberry"), scale, blurred border."""
    shape = plane.u.shape
    depth = depth_inside(plane, rng, rng.uniform(0.08, 0.18))
    presence = presence_of(depth + np.float32(0.08) * noise(rng, 8, shape, octaves=2), rng.uniform(0.4, 0.6))
    follicles = scatter(rng, rng.uniform(0.3, 0.38), 0.14)
    halo = dots(plane, follicles, rng.uniform(0.075, 0.105, len(follicles)))
    plug = dots(plane, follicles, np.full(len(follicles), 0.035))
    net = presence * (1 - halo) * mottled(plane, rng, 0.3)
    blood = rng.uniform(0.2, 0.7) * net + 0.1 * presence
    melanin = rng.uniform(0, 0.75) * net * smoothstep(noise(rng, 4, shape), -0.8, 0.8)
    scale = smoothstep(noise(rng, 7, shape, octaves=2), 0.6, 1.0) * smoothstep(depth, 0.0, 0.3)
    scale *= np.clip(mottled(plane, rng, 0.8), 0, 1.2)
    keratin = np.maximum(presence * rng.uniform(0.1, 0.45) * plug, rng.uniform(0.05, 0.7) * scale)
    scar = presence * 0.2 * halo
    return Lesion(presence, Tissue(melanin, blood, np.zeros_like(presence), scar, keratin))


def basal_cell_carcinoma(plane: Plane, rng: Generator) -> Lesion:
    """Draw a pearly pink nodule: arborising vessels, blue-grey ovoid nests, leaf-like edge."""
    shape = plane.u.shape
    depth = depth_inside(plane, rng, rng.uniform(0.06, 0.14))
    presence = presence_of(depth, rng.uniform(0.15, 0.4))
    nests = disc_points(rng, int(rng.integers(1, 8)), 0.85)
    nest = presence * ovals(plane, rng, nests, rng.uniform(0.08, 0.2, len(nests)), 1.5, 0.025)
    nest = np.maximum(nest, _leaves(plane, rng)) * np.minimum(mottled(plane, rng, 0.6), 1)
    vessels = presence * _arborising(plane, rng)
    melanin = rng.uniform(0, 0.45) * presence * mottled(plane, rng, 0.3) + rng.uniform(0.2, 1.0) * nest
    blood = rng.uniform(0.05, 0.4) * presence + rng.uniform(0.3, 1.0) * vessels
    veil = rng.uniform(0.15, 0.6) * nest
    shiny = presence * rng.uniform(0.1, 0.35) * smoothstep(noise(rng, 5, shape, octaves=2), 0.4, 1.0)
    return Lesion(presence, Tissue(melanin, blood, veil, shiny * (1 - nest), np.zeros_like(presence)))


def _leaves(plane: Plane, rng: Generator) -> Field:
    angles = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.35, rng.integers(0, 5))
    centres = np.stack([0.9 * np.cos(angles), 0.9 * np.sin(angles)], axis=1)
    return ovals(plane, rng, centres, rng.uniform(0.1, 0.16, len(centres)), 2.2, 0.025)


def _arborising(plane: Plane, rng: Generator) -> Field:
    paths: list[tuple[Points, float]] = []
    for angle in rng.uniform(0, 2 * np.pi, rng.integers(2, 5)):
        root = 1.05 * np.array([np.cos(angle), np.sin(angle)])
        heading = angle + np.pi + rng.normal(0, 0.4)
        paths.extend(tree(rng, root, heading, rng.uniform(0.9, 1.4), rng.uniform(0.05, 0.08)))
    return strokes(plane, paths)
