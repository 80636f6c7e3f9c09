"""The one evaluation transform, stored with every checkpoint."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lightning_skin.data.border import content_box
from lightning_skin.data.colour_constancy import shades_of_grey
from lightning_skin.data.reading import ImageContent, read_pixels
from lightning_skin.data.resize import Pixels, resize
from lightning_skin.errors import InputError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
COLOUR_CONSTANCY = ("none", "shades_of_grey")
BORDER_CROPS = ("none", "frame", "corners")


@dataclass(frozen=True)
class Preprocessing:
    """From an image file to network input: largest centred square, resize, normalise.

    Where asked for, the dark border of the dermoscope is cut off first, and the colour of its light divided
    out; a checkpoint that says nothing of these was trained without.

    Attributes:
        image_size: Side of the network's input, in pixels.
        mean: Subtracted from RGB in [0, 1].
        std: Divides what is left.
        colour_constancy: ``none`` or ``shades_of_grey``.
        border_crop: ``none``, ``frame`` or ``corners``.
    """

    image_size: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    colour_constancy: str = "none"
    border_crop: str = "none"

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Preprocessing":
        """Rebuild what ``to_dict`` described.

        Raises:
            InputError: ``stored`` is not such a description.
        """
        try:
            size = int(stored["image_size"])
            mean, std = (tuple(float(value) for value in stored[key]) for key in ("mean", "std"))
            constancy, crop = (str(stored.get(key, "none")) for key in ("colour_constancy", "border_crop"))
        except (KeyError, TypeError, ValueError):
            raise InputError(f"the checkpoint's preprocessing {stored!r} is not one of ours") from None
        known = constancy in COLOUR_CONSTANCY and crop in BORDER_CROPS
        if not known or size < 1 or len(mean) != 3 or len(std) != 3 or min(std) <= 0:
            raise InputError(f"the checkpoint's preprocessing {stored!r} is not one of ours")
        return cls(size, mean, std, constancy, crop)

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python, for a checkpoint."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    def square(self, path: ImageContent) -> Pixels:
        """What the network sees of an image file, ``(S, S, 3)``: the same bytes wherever it is asked.

        A large JPEG is decoded at a reduced scale, never below twice ``image_size``: on photographs of
        24 megapixels that moves a pixel by 0.2 of 255 levels on average.

        Raises:
            InputError: The file cannot be read.
        """
        return self.resize(self.frame(path))

    def frame(self, path: ImageContent) -> Pixels:
        """A whole image ``(H, W, 3)``, its shorter side at least twice ``image_size`` unless it is smaller.

        Without its dark border and under white light, where these are asked for.

        Raises:
            InputError: The file cannot be read.
        """
        pixels = self._decoded(path)
        if self.border_crop != "none":
            left, top, right, bottom = content_box(pixels, self.border_crop)
            pixels = np.ascontiguousarray(pixels[top:bottom, left:right])
        return pixels if self.colour_constancy == "none" else shades_of_grey(pixels)

    def working_frame(self, path: ImageContent) -> Pixels:
        """A whole image, its shorter side at most 8/7 of ``image_size``: 256 pixels for 224.

        Raises:
            InputError: The file cannot be read.
        """
        pixels = self.frame(path)
        height, width = pixels.shape[:2]
        scale = min(1, round(self.image_size * 8 / 7) / min(height, width))
        return resize(pixels, round(height * scale), round(width * scale))

    @property
    def pixels(self) -> str:
        """All that decides what ``frame`` and ``resize`` make of a file, as the name of a cache."""
        changes = [name for name in (self.colour_constancy, self.border_crop) if name != "none"]
        return " ".join([str(self.image_size), *changes])

    def place(self, path: ImageContent, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of an image file that the network sees, whatever its border.

        Args:
            path: The file.
            width: Of the upright image at its full size, in pixels.
            height: Likewise.

        Returns:
            Left, top, right, bottom, in pixels of the image at its full size.

        Raises:
            InputError: The file cannot be read.
        """
        if self.border_crop == "none":
            return self.seen_box(width, height)
        pixels = self._decoded(path)
        left, top, right, bottom = content_box(pixels, self.border_crop)
        seen = self.seen_box(right - left, bottom - top)
        across, down = width / pixels.shape[1], height / pixels.shape[0]
        return (
            (left + seen[0]) * across,
            (top + seen[1]) * down,
            (left + seen[2]) * across,
            (top + seen[3]) * down,
        )

    def _decoded(self, path: ImageContent) -> Pixels:
        return read_pixels(path, 2 * self.image_size)

    def seen_box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The part of a frame that the network sees: left, top, right, bottom, in pixels of the frame."""
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return left, top, left + side, top + side

    def resize(self, pixels: Pixels) -> Pixels:
        """The seen part of an image, ``image_size`` x ``image_size``, antialiased."""
        left, top, right, bottom = self.seen_box(pixels.shape[1], pixels.shape[0])
        return resize(pixels[top:bottom, left:right], self.image_size, self.image_size)

    def normalise(self, images: Tensor) -> Tensor:
        """8-bit RGB images ``(B, 3, S, S)`` as network input, float32, channels last, on the same device."""
        mean, std = (torch.tensor(values, device=images.device) for values in (self.mean, self.std))
        # Whole rows of pixels at once: broadcasting over three channels takes three times as long on a CPU.
        rows = images.permute(0, 2, 3, 1).flatten(2)  # (B, S, S * 3)
        width = images.shape[3]
        scaled = (rows * (1 / (255 * std)).repeat(width)).sub_((mean / std).repeat(width))
        return scaled.reshape(*rows.shape[:2], width, 3).permute(0, 3, 1, 2)
