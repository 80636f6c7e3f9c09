import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

WriteImage = Callable[..., Path]


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
