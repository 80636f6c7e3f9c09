import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from lightning_skin.data.synthetic.classes import render_lesion

WriteImage = Callable[..., Path]


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A test that plays a further process of a distributed run silences the messages of no other test."""
    package = logging.getLogger("lightning_skin")
    before = package.level
    yield
    package.setLevel(before)


@pytest.fixture
def write_image() -> WriteImage:
    """Writes an image of noise, another one each time, and makes its folder."""
    generator = np.random.default_rng(0)

    def write(path: Path, width: int = 24, height: int = 16) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)
        return path

    return write


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[None]:
    """Permissions count: ``tmp_path`` may not be read, though the tests may run as the system's root."""
    mode, user = tmp_path.stat().st_mode, os.geteuid()
    tmp_path.chmod(0)
    os.seteuid(user or 65534)
    yield
    os.seteuid(user)
    tmp_path.chmod(mode)


def lesion(number: int, label: str) -> Image.Image:
    """A drawn lesion, 200 x 150, another one for each number."""
    (photograph,) = render_lesion(label, (0, number, 2), size=150, views=1)
    return Image.fromarray(photograph.image)


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders of 38 distinct lesions and 12 faults; not to be written to."""
    root = tmp_path_factory.mktemp("planted") / "clinic"
    numbers = iter(range(100))
    for label, count in (("df", 4), ("mel", 14), ("nv", 20)):
        (root / label).mkdir(parents=True)
        for number in range(count):
            lesion(next(numbers), label).save(root / label / f"{label}_{number:02}.jpg", quality=92)
    mel, nv = root / "mel", root / "nv"
    (mel / "truncated.jpg").write_bytes((mel / "mel_05.jpg").read_bytes()[:-1500])
    (nv / "empty.jpg").touch()
    (nv / "text.jpg").write_text("no image")
    Image.new("1", (11_000, 10_000)).save(nv / "huge.png")
    (nv / "copy.jpg").write_bytes((nv / "nv_00.jpg").read_bytes())
    (mel / "other_label.jpg").write_bytes((nv / "nv_01.jpg").read_bytes())
    Image.open(nv / "nv_02.jpg").save(nv / "pixels.png")
    Image.open(mel / "mel_00.jpg").transpose(Image.Transpose.ROTATE_90).save(mel / "turned.jpg", quality=92)
    brighter = ImageEnhance.Brightness(Image.open(nv / "nv_03.jpg")).enhance(1.1)
    brighter.save(mel / "brighter.jpg", quality=80)
    lesion(next(numbers), "nv").resize((1000, 750)).save(nv / "large.jpg")
    lesion(next(numbers), "nv").resize((400, 60)).save(nv / "strip.jpg")
    Image.new("RGB", (200, 150)).save(nv / "black.png")
    return root


@pytest.fixture
def leaky_root(tmp_path: Path, planted: Path) -> Path:
    """Split folders of distinct lesions, of which one stands turned in test and as it is in train."""
    top = tmp_path / "leaky"
    for label in ("mel", "nv"):
        for number in range(10):
            split = {8: "val", 9: "test"}.get(number, "train")
            (top / split / label).mkdir(parents=True, exist_ok=True)
            shutil.copy(planted / label / f"{label}_{number:02}.jpg", top / split / label)
    shutil.copy(planted / "mel" / "turned.jpg", top / "test" / "mel")
    return top
