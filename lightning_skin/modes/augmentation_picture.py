"""What the network sees of some training images, as they are and augmented."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from torch import Tensor

from lightning_skin.data.augmentation import Augmentation, Mixing
from lightning_skin.data.augmentation.mixing import batch_seed
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import Batch, ImageDataset, collate
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.resize import Pixels, resize
from lightning_skin.evaluation.figures.image_grid import DPI, image_grid_figure
from lightning_skin.evaluation.figures.save import save_figure

COLUMNS = 8
DRAWS = 3
CELL = 112  # pixels of an image in the picture

Choices = Mapping[str, Augmentation | Mixing | None]
"""What could be chosen, by the override that chooses it."""


def draw_augmentations(data: SkinLesionDataModule, manifest: Manifest, choices: Choices, path: Path) -> None:
    """Draw training images of all classes: as evaluated, as this run would train on them, with each choice.

    Nothing is drawn where there are no training images.

    Args:
        data: Its settings are those of the run; its images are not read.
        manifest: Images and their split.
        choices: Augmentations stand in for the run's, mixings follow none.
        path: PNG file to write; its folder is made.
    """
    table = manifest.rows("train")
    # The first image of every class, then the second.
    order = table.groupby("label").cumcount().sort_values(kind="stable").index
    shown = _Shown(data, manifest.root, table.loc[order[:COLUMNS]])
    if shown.table.empty:
        return
    path.parent.mkdir(exist_ok=True)
    save_figure(image_grid_figure(shown.rows(choices), shown.table["label"].tolist()), path, DPI)


@dataclass(frozen=True)
class _Shown:
    data: SkinLesionDataModule
    root: Path
    table: pd.DataFrame

    def rows(self, choices: Choices) -> list[tuple[str, list[Pixels]]]:
        data, stored = self.data, self.data.preprocessing
        frames = self._frames(stored)
        plain = self._batch(stored, frames, None)
        rows = [("as evaluated", _cells(plain.images))]
        for draw in range(DRAWS):
            batch = self._batch(stored, frames, data.augmentation, draw)
            rows.append(self._mixed(f"in training, draw {draw + 1}", batch, data.mixing, draw))
        for name, choice in choices.items():
            mixing = choice if isinstance(choice, Mixing) else None
            augmentation = None if isinstance(choice, Mixing) else choice
            rows.append(self._mixed(name, self._batch(stored, frames, augmentation), mixing))
        for title, changed in (
            ("data.colour_constancy=\nshades_of_grey", replace(stored, colour_constancy="shades_of_grey")),
            ("data.border_crop=\ncorners", replace(stored, border_crop="corners")),
        ):
            rows.append((title, _cells(self._batch(changed, self._frames(changed), None).images)))
        return rows

    def _frames(self, preprocessing: Preprocessing) -> list[Pixels]:
        return [preprocessing.frame(self.root / path) for path in self.table["path"]]

    def _batch(
        self,
        preprocessing: Preprocessing,
        frames: list[Pixels],
        augmentation: Augmentation | None,
        draw: int = 0,
    ) -> Batch:
        images = [preprocessing.resize(frame) for frame in frames] if augmentation is None else frames
        count = len(images)
        dataset = ImageDataset(images, range(count), augmentation, preprocessing.image_size, self.data.seed)
        return collate([dataset[draw * count + row] for row in range(count)])

    def _mixed(
        self, name: str, batch: Batch, mixing: Mixing | None, draw: int = 0
    ) -> tuple[str, list[Pixels]]:
        if mixing is None:
            return name, _cells(batch.images)
        count = len(batch.labels)
        seed = batch_seed(self.data.seed, draw, batch.indices)
        images, shares = mixing(batch.images.float(), batch.labels, count, seed)
        return f"{name}:\n{float(shares[0, 0]):.0%} its own", _cells(images.round().byte())


def _cells(images: Tensor) -> list[Pixels]:
    """Of RGB images ``(N, 3, S, S)``."""
    return [resize(np.ascontiguousarray(square), CELL, CELL) for square in images.permute(0, 2, 3, 1).numpy()]
