"""The one evaluation transform, stored with every checkpoint."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from lightning_skin.errors import InputError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Preprocessing:
    """From an upright RGB image to network input: largest centred square, resize, normalise.

    Attributes:
        image_size: Side of the network's input, in pixels.
        mean: Subtracted from RGB in [0, 1].
        std: Divides what is left.
    """

    image_size: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Preprocessing":
        """Rebuild what ``to_dict`` described.

        Raises:
            InputError: ``stored`` is not such a description.
        """
        try:
            size = int(stored["image_size"])
            mean, std = (tuple(float(value) for value in stored[key]) for key in ("mean", "std"))
        except (KeyError, TypeError, ValueError):
            raise InputError(f"the checkpoint's preprocessing {stored!r} is not one of ours") from None
        if size < 1 or len(mean) != 3 or len(std) != 3 or min(std) <= 0:
            raise InputError(f"the checkpoint's preprocessing {stored!r} is not one of ours")
        return cls(size, mean, std)

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python, for a checkpoint."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    def __call__(self, image: Image.Image) -> Tensor:
        """Network input ``(3, S, S)``, float32."""
        return self.normalise(self.resize(image))

    def seen_box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of an image that the network sees: left, top, right, bottom, in pixels of the image."""
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        return left, top, left + side, top + side

    def resize(self, image: Image.Image) -> Image.Image:
        """The seen part, ``image_size`` x ``image_size``, antialiased."""
        size = (self.image_size, self.image_size)
        return image.resize(size, Image.Resampling.BILINEAR, box=self.seen_box(*image.size))

    def normalise(self, image: Image.Image) -> Tensor:
        """A square RGB image as a float32 tensor ``(3, S, S)``."""
        pixels = torch.from_numpy(np.array(image, dtype=np.float32) / 255)  # (S, S, 3)
        return ((pixels - torch.tensor(self.mean)) / torch.tensor(self.std)).permute(2, 0, 1)

    def denormalise(self, images: Tensor) -> Tensor:
        """Network inputs ``(B, 3, S, S)`` back as RGB in [0, 1]."""
        mean, std = (
            torch.tensor(values, device=images.device).view(3, 1, 1) for values in (self.mean, self.std)
        )
        return (images.float() * std + mean).clamp(0, 1)
