"""Training-only transforms, in the place of the evaluation transform's resize."""

from lightning_skin.data.augmentation.contract import Augmentation
from lightning_skin.data.augmentation.fused import fused
from lightning_skin.data.augmentation.light import light, none
from lightning_skin.data.augmentation.standard import standard

__all__ = ["Augmentation", "fused", "light", "none", "standard"]
