"""Training-only transforms, in the place of the evaluation transform's resize, and mixing of batches."""

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.augmentation.erasing import with_erasing
from lightning_skin.data.augmentation.fused import affine, fused
from lightning_skin.data.augmentation.light import light, none
from lightning_skin.data.augmentation.mixing import Mixing, mixing
from lightning_skin.data.augmentation.policies import randaugment, trivialaugment
from lightning_skin.data.augmentation.standard import standard

__all__ = [
    "Augmentation",
    "Mixing",
    "affine",
    "fused",
    "light",
    "mixing",
    "none",
    "randaugment",
    "standard",
    "trivialaugment",
    "with_erasing",
]
