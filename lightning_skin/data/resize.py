"""Antialiased resizing of 8-bit images."""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

Pixels = npt.NDArray[np.uint8]
"""An upright RGB image ``(H, W, 3)``, 8 bits a channel."""


def resize(pixels: Pixels, height: int, width: int) -> Pixels:
    """Resize bilinearly, averaging over all source pixels where the image shrinks.

    The same numbers as Pillow's, twice as fast: torch has such a kernel for 8-bit images.
    """
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None]  # (1, 3, H, W), channels last in memory
    small = functional.interpolate(image, (height, width), mode="bilinear", antialias=True)
    return np.ascontiguousarray(small[0].permute(1, 2, 0).numpy())
