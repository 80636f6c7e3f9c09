"""The skin around a lesion: tone, flush, sun spots, grain and faint veins."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lightning_skin.data.synthetic.plane import noise, smoothstep
from lightning_skin.data.synthetic.shapes import rasterise
from lightning_skin.data.synthetic.tissue import DERMIS, absorb


class Skin(NamedTuple):
    """A patient's skin.

    Attributes:
        melanin: Tone, 0 for the palest to 1 for the darkest.
        blood: Flush, at least 0.
        freckles: Strength of sun spots, at least 0.
        grain: Contrast of the texture, at least 0.
        vessels: Strength of the visible veins, at least 0.
    """

    melanin: float
    blood: float
    freckles: float
    grain: float
    vessels: float


def draw_skin(rng: Generator) -> Skin:
    """Draw a patient: mostly light skin, as in dermoscopy archives, with a tail of dark tones."""
    return Skin(
        melanin=rng.beta(1, 4),
        blood=0.4 * rng.beta(1.5, 2.5),
        freckles=max(0.0, rng.uniform(-0.5, 0.4)),
        grain=rng.uniform(0.04, 0.14),
        vessels=max(0.0, rng.uniform(-0.4, 0.3)),
    )


def paint_skin(skin: Skin, rng: Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the colours ``(H, W, 3)`` in [0, 1] of a piece of skin without a lesion."""
    grain = skin.grain * (noise(rng, 24, shape, octaves=2) + 0.4 * noise(rng, 3, shape))
    spots = skin.freckles * smoothstep(noise(rng, 9, shape, octaves=3), 0.8, 3.2)
    melanin = skin.melanin * (1 + grain) + 0.25 * np.abs(grain) + spots
    blood = skin.blood * (1 + 1.5 * skin.grain * noise(rng, 7, shape, octaves=3))
    if skin.vessels > 0:
        blood += skin.vessels * _veins(rng, shape)
    return DERMIS * absorb(np.maximum(melanin, 0), np.maximum(blood, 0))


def _veins(rng: Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    height, width = shape
    lines = []
    for _ in range(rng.integers(4, 12)):
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.35, 10))
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1) * rng.uniform(0.02, 0.06) * height
        path = rng.random(2) * (width, height) + np.cumsum(steps, axis=0)
        lines.append((path, rng.uniform(0.005, 0.012) * height))
    return rasterise(lines, shape)
