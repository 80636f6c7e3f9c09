"""The picture of what augmentations do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lightning_skin.data.augmentation import light, mixing, with_erasing
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.resize import resize
from lightning_skin.evaluation.figures.image_grid import DPI, GAP, NAMES, TITLES
from lightning_skin.modes.augmentation_picture import CELL, draw_augmentations

NewData = Callable[..., SkinLesionDataModule]
CHOICES = {"light": light(), "mixup": mixing("mixup", 1.0, 1.0, 1.0)}


def drawn(data: SkinLesionDataModule, path: Path) -> np.ndarray:
    """Cells ``(rows, columns, S, S, 3)``."""
    draw_augmentations(data, data.manifest, CHOICES, path)
    image = np.asarray(Image.open(path).convert("RGB"))[round(TITLES * DPI) :, round(NAMES * DPI) :]
    step = CELL + GAP
    cells = [
        [image[y : y + CELL, x : x + CELL] for x in range(0, image.shape[1] - GAP, step)]
        for y in range(0, image.shape[0] - GAP, step)
    ]
    return np.array(cells)


def test_each_row_shows_the_same_images_of_all_classes(
    images: Path, new_data: NewData, tmp_path: Path
) -> None:
    data = new_data(images, augmentation=with_erasing(light(), 1.0, (0.2, 0.2)))
    cells = drawn(data, tmp_path / "figures" / "augmentations.png")
    assert cells.shape[:2] == (8, 8)  # evaluated, three draws, two choices, two kinds of preprocessing
    train = data.manifest.rows("train")
    first = [images / train[train["label"] == name]["path"].iloc[0] for name in ("bkl", "mel", "nv")]
    expected = [resize(data.preprocessing.square(path), CELL, CELL) for path in first]
    assert np.array_equal(cells[0, :3], expected)
    assert len({row.tobytes() for row in cells[:7]}) == 7
    # Light keeps all pixels of a square but for their place: here 30 of 40 columns.
    assert np.abs(cells[4].mean((1, 2)) - cells[0].mean((1, 2))).max() < 10
    # The images have no border.
    assert np.array_equal(cells[7], cells[0])


def test_mixed_images_are_their_own_and_their_neighbour_s(
    images: Path, new_data: NewData, tmp_path: Path
) -> None:
    cells = drawn(new_data(images), tmp_path / "augmentations.png").astype(float)
    plain, mixed = cells[0], cells[5]
    neighbour = np.roll(plain, 1, axis=0)
    difference = plain - neighbour
    share = ((mixed - neighbour) * difference).sum() / (difference**2).sum()
    assert 0 < share < 1
    assert np.abs(mixed - (share * plain + (1 - share) * neighbour)).max() <= 2


def test_nothing_is_drawn_without_training_images(images: Path, new_data: NewData, tmp_path: Path) -> None:
    data = new_data(images)
    table = data.manifest.table[data.manifest.table["split"] == "test"]
    draw_augmentations(data, Manifest(data.manifest.root, table), CHOICES, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
