"""One photograph of a lesion: framing, light, colour, sharpness and noise."""

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from lightning_skin.data.synthetic.artefacts import ArtefactRates, Picture, add_artefacts
from lightning_skin.data.synthetic.lesion import Lesion
from lightning_skin.data.synthetic.plane import EXTENT, Field, noise
from lightning_skin.data.synthetic.skin import Skin, paint_skin
from lightning_skin.data.synthetic.tissue import Tissue, reflect


class Photograph(NamedTuple):
    """An image ``(H, W, 3)`` of unsigned bytes and the lesion's mask ``(H, W)`` of booleans."""

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]


class Setting(NamedTuple):
    """What stays the same between the photographs of one lesion.

    Attributes:
        radius: Mean radius of the lesion, in image heights.
        white_balance: Gain of R, G, B.
        exposure: Gain of all three.
        contrast: Exponent applied to intensities; above 1 darkens the middle tones.
    """

    radius: float
    white_balance: NDArray[np.float64]
    exposure: float
    contrast: float


def draw_setting(rng: Generator) -> Setting:
    """Draw a device and a distance."""
    return Setting(
        radius=rng.uniform(0.2, 0.36),
        white_balance=np.exp(rng.normal(0, (0.04, 0.06, 0.10))),
        exposure=rng.uniform(0.86, 1.18),
        contrast=rng.uniform(0.85, 1.25),
    )


def photograph(
    lesion: Lesion, skin: Skin, setting: Setting, rng: Generator, size: int, rates: ArtefactRates
) -> Photograph:
    """Photograph a lesion once; each call is another view of it.

    Args:
        lesion: What to show.
        skin: What surrounds it.
        setting: Device and distance.
        rng: Source of all that differs between views.
        size: Height of the image, in pixels; it is 4/3 as wide.
        rates: How often each artefact shows.
    """
    shape = (size, round(size * 4 / 3))
    framed = _frame(lesion, setting, rng, shape)
    picture = reflect(paint_skin(skin, rng, shape), framed.tissue)
    picture = _develop(picture, setting, rng)
    picture = add_artefacts(picture, rng, rates)
    blur = ImageFilter.GaussianBlur(rng.uniform(0, 0.008) * size)
    sharp = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
    blurred = np.asarray(Image.fromarray(sharp).filter(blur), np.float32)
    grain = 255 * rng.uniform(0.004, 0.02) * rng.standard_normal(picture.shape, np.float32)
    image = np.clip(blurred + grain + 0.5, 0, 255).astype(np.uint8)
    return Photograph(image, framed.presence > 0.5)


def _frame(lesion: Lesion, setting: Setting, rng: Generator, shape: tuple[int, int]) -> Lesion:
    """Turn, scale and shift the lesion's plane onto the image."""
    height, width = shape
    side = lesion.presence.shape[0]
    turn, radius = rng.uniform(-0.5, 0.5), setting.radius * rng.uniform(0.88, 1.14)
    centre = (0.5 + rng.normal(0, 0.05, 2)) * (width, height)
    scale = side / (2 * EXTENT * radius * height)
    matrix = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    inverse = np.column_stack([matrix, side / 2 - matrix @ centre]).ravel().tolist()

    def sample(field: Field) -> Field:
        flat = Image.fromarray(field.astype(np.float32))
        affine, bilinear = Image.Transform.AFFINE, Image.Resampling.BILINEAR
        return np.asarray(flat.transform((width, height), affine, inverse, bilinear))

    return Lesion(sample(lesion.presence), Tissue(*map(sample, lesion.tissue)))


def _develop(picture: Picture, setting: Setting, rng: Generator) -> Picture:
    """Light the scene unevenly and render it with the device's colours."""
    height, width = picture.shape[:2]
    slope = rng.normal(0, 0.12, 2)
    light = 1 + slope[0] * np.linspace(-1, 1, height)[:, None] + slope[1] * np.linspace(-1, 1, width)
    light = light + 0.03 * noise(rng, 2, (height, width))
    gains = setting.white_balance * setting.exposure * np.exp(rng.normal(0, 0.02, 3))
    lit = np.clip(picture * (light[..., None] * gains).astype(np.float32), 0, 1)
    return lit ** np.float32(setting.contrast)
