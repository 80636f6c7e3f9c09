"""What gives skin and lesions their colour, and the colour that results."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.data.synthetic.plane import Field

# Reflectance of unpigmented, bloodless skin and absorbance per unit of pigment, linear in R, G, B;
# set by eye against dermoscopic photographs.
DERMIS = np.array([0.97, 0.83, 0.76], np.float32)
MELANIN = np.array([0.66, 1.00, 1.25], np.float32)
BLOOD = np.array([0.14, 1.10, 0.66], np.float32)
VEIL = np.array([0.40, 0.45, 0.60], np.float32)
SCAR = np.array([0.95, 0.88, 0.90], np.float32)
KERATIN = np.array([0.96, 0.89, 0.70], np.float32)


class Tissue(NamedTuple):
    """Maps ``(H, W)`` of what a lesion adds to the skin, all zero away from it.

    Attributes:
        melanin: Brown pigment, at least 0; 1 is the brown of a common naevus.
        blood: Red pigment, at least 0; 1 is the red of a vessel.
        veil: Cover by blue-grey haze (pigment deep in the dermis), in [0, 1].
        scar: Cover by white, fibrous tissue, in [0, 1].
        keratin: Cover by yellowish-white scale or horn, in [0, 1].
    """

    melanin: Field
    blood: Field
    veil: Field
    scar: Field
    keratin: Field


def absorb(melanin: Field, blood: Field) -> NDArray[np.float32]:
    """Return the share of light ``(H, W, 3)`` that passes pigments ``(H, W)`` (Beer-Lambert law)."""
    return np.exp(-(melanin[..., None] * MELANIN + blood[..., None] * BLOOD))


def reflect(skin: NDArray[np.float32], tissue: Tissue) -> NDArray[np.float32]:
    """Return the colours ``(H, W, 3)`` in [0, 1] of a lesion on ``skin`` of the same shape."""
    colours = skin * absorb(tissue.melanin, tissue.blood)
    for cover, colour in ((tissue.veil, VEIL), (tissue.scar, SCAR), (tissue.keratin, KERATIN)):
        # Half of the cover's colour is filtered by the skin above it, so it darkens on dark skin.
        shade = colour * (0.45 + 0.55 * skin / DERMIS)
        colours += cover[..., None] * (shade - colours)
    return np.clip(colours, 0, 1)
