"""Distinct lesions, and folders of images made from them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from lightning_skin.data.inspection import Facts, inspect_images
from lightning_skin.data.synthetic.classes import render_lesion
from lightning_skin.data.synthetic.generate import class_of


class Folder(NamedTuple):
    """Images in a folder, as a search takes them."""

    root: Path
    paths: list[str]
    facts: Facts


MakeFolder = Callable[..., Folder]


@pytest.fixture(scope="session")
def lesions() -> list[Image.Image]:
    """Pictures of 32 lesions, 200 x 150."""
    return [_lesion(number, size=150) for number in range(32)]


@pytest.fixture(scope="session")
def many_lesions() -> list[Image.Image]:
    """Pictures of 160 lesions, 128 x 96."""
    return [_lesion(number, size=96) for number in range(160)]


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """Write images of given names, which carry the format, and look at them."""

    def make(images: Mapping[str, Image.Image], quality: int = 92) -> Folder:
        root = tmp_path / "images"
        root.mkdir(exist_ok=True)
        for name, image in images.items():
            image.save(root / name, **({"quality": quality} if name.endswith("jpg") else {}))
        facts = inspect_images(root, list(images), None)
        assert (facts.table["error"] == "").all()
        return Folder(root, list(images), facts)

    return make


def _lesion(number: int, size: int) -> Image.Image:
    (photograph,) = render_lesion(class_of(number, 0), (0, number, 2), size=size, views=1)
    return Image.fromarray(photograph.image)
