from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.build import build_manifest
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings

COUNTS = {"bcc": 5, "mel": 10, "nv": 60}

BuildManifest = Callable[..., Manifest]


@pytest.fixture
def images(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """Three classes; the split gives train 3 + 6 + 36 images, val and test 1 + 2 + 12 each."""
    for label, count in COUNTS.items():
        for number in range(count):
            write_image(tmp_path / "images" / label / f"{number}.png")
    return tmp_path / "images"


@pytest.fixture
def build() -> BuildManifest:
    """Makes the manifest of class folders."""

    def make(root: Path, seed: int = 0) -> Manifest:
        audit = AuditSettings("skip", "group", "ignore", "pictures", "keep", "keep", cache_dir=None)
        split = SplitSettings((0.6, 0.2, 0.2), seed, None, None, None, False)
        return build_manifest(folder(str(root), None), split, audit)[0]

    return make
