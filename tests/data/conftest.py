"""Tiny folders of images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

WriteImages = Callable[..., list[Path]]


@pytest.fixture
def write_images() -> WriteImages:
    """Write so many noisy 8 x 6 PNG files into a folder, all different."""
    rng = np.random.default_rng(0)

    def write(folder: Path, count: int, prefix: str = "image") -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{prefix}_{number}.png" for number in range(count)]
        for path in paths:
            Image.fromarray(rng.integers(0, 255, (6, 8, 3), np.uint8)).save(path)
        return paths

    return write
