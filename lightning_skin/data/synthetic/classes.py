"""The seven classes: how each lesion is drawn and how often."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from numpy.random import Generator, SeedSequence, default_rng

from lightning_skin.data.synthetic.artefacts import ArtefactRates
from lightning_skin.data.synthetic.camera import Photograph, draw_setting, photograph
from lightning_skin.data.synthetic.dermal import dermatofibroma, vascular_lesion
from lightning_skin.data.synthetic.keratinocytic import (
    actinic_keratosis,
    basal_cell_carcinoma,
    benign_keratosis,
)
from lightning_skin.data.synthetic.lesion import Lesion, tinted
from lightning_skin.data.synthetic.melanocytic import melanoma, naevus
from lightning_skin.data.synthetic.plane import EXTENT, Plane, plane_of
from lightning_skin.data.synthetic.skin import draw_skin

PAINTERS: Mapping[str, Callable[[Plane, Generator], Lesion]] = MappingProxyType(
    {
        "akiec": actinic_keratosis,
        "bcc": basal_cell_carcinoma,
        "bkl": benign_keratosis,
        "df": dermatofibroma,
        "mel": melanoma,
        "nv": naevus,
        "vasc": vascular_lesion,
    }
)

DERMOSCOPY_RATES = ArtefactRates(
    hair=0.35, ruler=0.15, bubbles=0.15, ink=0.08, vignette=0.4, dark_corners=0.15
)


def render_lesion(
    dx: str, seed: tuple[int, ...], *, size: int, views: int, rates: ArtefactRates = DERMOSCOPY_RATES
) -> list[Photograph]:
    """Draw one lesion and photograph it.

    Args:
        dx: Class, a key of `PAINTERS`.
        seed: Non-negative numbers that decide everything; skin and camera have streams of their own,
            so that they are the same whatever the class.
        size: Height of the images, in pixels; they are 4/3 as wide.
        views: Number of photographs.
        rates: How often each artefact shows.
    """
    patient, device, growth, tint, *shots = (
        default_rng(child) for child in SeedSequence(seed).spawn(4 + views)
    )
    skin, setting = draw_skin(patient), draw_setting(device)
    plane = plane_of(round(2 * EXTENT * setting.radius * size * 1.15))
    lesion = tinted(PAINTERS[dx](plane, growth), plane, tint)
    return [photograph(lesion, skin, setting, shot, size, rates) for shot in shots]
