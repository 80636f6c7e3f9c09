"""Drawn lesions as a source."""

from pathlib import Path

from lightning_skin.data.ham10000 import ham10000
from lightning_skin.data.sources import Source
from lightning_skin.data.synthetic.generate import synthesise


def synthetic(root: str, lesions: int, size: int, seed: int) -> Source:
    """Draw synthetic lesions below ``root`` unless they are there already, and read them."""
    return ham10000(str(synthesise(Path(root), lesions=lesions, size=size, seed=seed)))
