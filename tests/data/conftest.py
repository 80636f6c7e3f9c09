"""Tiny folders of images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.build import build_manifest
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import Source
from lightning_skin.data.split_settings import SplitSettings

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


@pytest.fixture(scope="session")
def build() -> Callable[..., Manifest]:
    """Builds the manifest of a source and remembers nothing; broken images fail."""
    audit = AuditSettings("fail", "group", "group", "pictures", "keep", "keep", cache_dir=None)

    def build(source: Source, fractions: tuple[float, ...] = (0.6, 0.2, 0.2)) -> Manifest:
        return build_manifest(source, SplitSettings(fractions, 0, None, None, None, False), audit)[0]

    return build
