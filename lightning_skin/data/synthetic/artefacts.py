"""What lies on the skin or in the optics, whatever the class: hair, rulers, bubbles, ink, dark corners."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lightning_skin.data.synthetic.plane import Field, smoothstep
from lightning_skin.data.synthetic.shapes import Points, rasterise

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class ArtefactRates:
    """Share of images, in [0, 1], that show each artefact."""

    hair: float
    ruler: float
    bubbles: float
    ink: float
    vignette: float
    dark_corners: float


def add_artefacts(picture: Picture, rng: Generator, rates: ArtefactRates) -> Picture:
    """Return ``picture`` ``(H, W, 3)`` in [0, 1] with artefacts drawn at the given rates.

    Each artefact has its own stream of random numbers: changing one rate leaves the others as they were.
    """
    artefacts = (
        (_ink, rates.ink),
        (_hair, rates.hair),
        (_ruler, rates.ruler),
        (_bubbles, rates.bubbles),
        (_vignette, rates.vignette),
        (_dark_corners, rates.dark_corners),
    )
    for (draw, rate), stream in zip(artefacts, rng.spawn(len(artefacts)), strict=True):
        if stream.random() < rate:
            picture = draw(picture, stream)
    return picture


def _paint(picture: Picture, cover: Field, colour: NDArray[np.float64]) -> Picture:
    return picture + cover[..., None] * (colour.astype(np.float32) - picture)


def _hair(picture: Picture, rng: Generator) -> Picture:
    height, width = picture.shape[:2]
    combed, thickness = rng.uniform(0, 2 * np.pi), rng.uniform(0.005, 0.009) * height
    hairs = []
    for _ in range(rng.integers(2, 14)):
        heading = combed + rng.normal(0, 0.5) + rng.normal(0, 0.5) * np.linspace(-1, 1, 12)
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        path = np.cumsum(steps, axis=0) * rng.uniform(0.2, 0.9) * height / 12
        hairs.append((path - path.mean(axis=0) + rng.random(2) * (width, height), thickness))
    colour = np.array([0.16, 0.10, 0.07]) + rng.choice((0.0, 0.25), p=(0.8, 0.2))
    return _paint(picture, rasterise(hairs, (height, width)) * np.float32(rng.uniform(0.6, 0.95)), colour)


def _ruler(picture: Picture, rng: Generator) -> Picture:
    height, width = picture.shape[:2]
    side, margin = rng.integers(4), rng.uniform(0, 0.03) * height
    pitch = rng.uniform(0.05, 0.09) * height
    ticks = []
    for number, along in enumerate(np.arange(rng.uniform(0, pitch), width, pitch)):
        length = (0.09 if number % 5 == 0 else 0.05) * height
        away = np.array([margin, margin + length])
        across = (away, height - away, away, width - away)[side]
        level = np.full(2, along)
        tick = (level, across) if side < 2 else (across, level)
        ticks.append((np.stack(tick, axis=1), 0.01 * height))
    return _paint(picture, rasterise(ticks, (height, width)) * np.float32(0.85), np.array([0.06, 0.06, 0.08]))


def _bubbles(picture: Picture, rng: Generator) -> Picture:
    for _ in range(rng.integers(2, 9)):
        radius = rng.uniform(0.012, 0.06)
        distance = _distance(picture, rng.random(2) * (4 / 3, 1))
        rim = np.exp(-(((distance - radius) / 0.007) ** 2)) * rng.uniform(0.15, 0.45)
        shade = np.exp(-(((distance - radius - 0.012) / 0.008) ** 2)) * 0.2
        picture = _paint(_paint(picture, shade, np.array([0.2, 0.15, 0.15])), rim, np.ones(3))
    return picture


def _ink(picture: Picture, rng: Generator) -> Picture:
    height, width = picture.shape[:2]
    side = rng.integers(0, 2, 2)
    corner = side * (width, height) + rng.normal(0, 0.06, 2) * height
    inward = np.arctan2(1 - 2 * side[1], 1 - 2 * side[0])
    lines: list[tuple[Points, float]] = []
    for _ in range(rng.integers(1, 4)):
        arc = inward + rng.normal(0, 0.3) + rng.uniform(0.25, 1) * np.linspace(-1, 1, 24)
        path = np.stack([np.cos(arc), np.sin(arc)], axis=1) * rng.uniform(0.15, 0.35) * height
        lines.append((corner + path + rng.normal(0, 0.04, 2) * height, rng.uniform(0.02, 0.045) * height))
    colour = np.array([0.30, 0.18, 0.55]) + rng.uniform(-0.1, 0.1, 3)
    return _paint(picture, rasterise(lines, (height, width)) * np.float32(rng.uniform(0.4, 0.75)), colour)


def _vignette(picture: Picture, rng: Generator) -> Picture:
    distance = _distance(picture, np.array([2 / 3, 0.5]) + rng.normal(0, 0.08, 2))
    return picture * (1 - rng.uniform(0.2, 0.6) * smoothstep(distance, 0.3, 1.0))[..., None]


def _dark_corners(picture: Picture, rng: Generator) -> Picture:
    distance = _distance(picture, np.array([2 / 3, 0.5]) + rng.normal(0, 0.04, 2))
    radius = rng.uniform(0.58, 0.76)
    outside = smoothstep(distance, radius - 0.02, radius + 0.02)
    return _paint(picture, outside, rng.uniform(0.0, 0.07, 3))


def _distance(picture: Picture, centre: NDArray[np.float64]) -> Field:
    """Distance ``(H, W)`` from ``centre`` ``(x, y)``, both in image heights."""
    height, width = picture.shape[:2]
    x = (np.arange(width, dtype=np.float32) + 0.5) / height - np.float32(centre[0])
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - np.float32(centre[1])
    return np.hypot(x, y[:, None])
