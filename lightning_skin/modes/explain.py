"""mode=explain: heat maps of single images, folders or the test split, as panels."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from lightning.pytorch.utilities import rank_zero_only
from PIL import Image
from torch import Tensor

from lightning_skin.atomic import atomic_path
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.reading import read_image
from lightning_skin.errors import InputError
from lightning_skin.explain.cam import heat_maps
from lightning_skin.explain.overlay import place_on_image
from lightning_skin.explain.panel import LabelledMap, panel_figure, save_panel
from lightning_skin.explain.target_layer import TargetLayer, find_target_layer, named_target_layer
from lightning_skin.models.checkpoint import Checkpoint, find_checkpoint, read_checkpoint
from lightning_skin.modes.items import Item, items_of_data, items_of_path, spread
from lightning_skin.modes.run_folder import Run
from lightning_skin.progress import track

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExplainSettings:
    """How to explain.

    Attributes:
        method: Name of a class activation map.
        target_layer: Layer whose maps are weighed; ``None`` finds the last one.
        max_images: At most so many, spread over the classes; ``None`` for all.
        batch_size: Images that go through the network together.
    """

    method: str
    target_layer: str | None
    max_images: int | None
    batch_size: int


def explain(
    run: Run,
    data: SkinLesionDataModule,
    settings: ExplainSettings,
    images: str | None,
    ckpt_path: str | None,
) -> None:
    """Draw a panel for each image and write ``explanations/explanations.csv``.

    Args:
        run: Where to write.
        data: With a source: explains its test images. Without: the test split of the checkpoint's run.
        settings: How to explain.
        images: An image or a folder; ``None`` takes ``data``.
        ckpt_path: Run (its best checkpoint) or checkpoint.

    Raises:
        InputError: Checkpoint, method, layer or images cannot be used, or the run folder holds another run.
    """
    if rank_zero_only.rank:  # type: ignore[attr-defined]
        # It takes one process; further ones would draw the same.
        return
    run.claim()
    checkpoint = read_checkpoint(find_checkpoint(ckpt_path, "best"))
    items = (
        items_of_path(Path(images).expanduser(), checkpoint) if images else items_of_data(data, checkpoint)
    )
    if checkpoint.facts.metadata is not None:
        logger.warning(
            "The network takes %s too, which heat maps are drawn without, as if missing",
            ", ".join(checkpoint.facts.metadata["features"]),
        )
    explainer = _Explainer(checkpoint, settings)
    chosen = spread(items, settings.max_images)
    folder = run.folder / "explanations"
    folder.mkdir(exist_ok=True)
    rows: list[dict[str, object]] = []
    broken: list[str] = []
    progress = track(chosen, "Explaining")
    for batch in _batches(_readable(progress, broken), settings.batch_size):
        if not rows:
            run.start(mode="explain", checkpoint=str(checkpoint.path))
        rows += explainer.explain(batch, folder)
    if not rows:
        raise InputError(broken[0])
    with atomic_path(folder / "explanations.csv") as path:
        pd.DataFrame(rows).to_csv(path, index=False)
    run.finish(images=len(rows), skipped=broken)
    for reason in broken:
        logger.warning("Skipped: %s", reason)
    logger.info("%d panel(s) in %s, %s at %s", len(rows), folder, settings.method, explainer.layer.name)


class _Explainer:
    """A checkpoint's network, ready to explain batches of images."""

    def __init__(self, checkpoint: Checkpoint, settings: ExplainSettings) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = checkpoint.network.to(self.device)
        self.class_names = checkpoint.facts.class_names
        self.preprocessing = Preprocessing.from_dict(checkpoint.facts.preprocessing)
        self.method = settings.method
        self.layer = self._layer(settings.target_layer)

    def explain(self, batch: Sequence[tuple[Item, Image.Image]], folder: Path) -> Iterator[dict[str, object]]:
        """Draw the panels of a batch; yield a row of the table for each."""
        squares = torch.stack([torch.from_numpy(self.preprocessing.square(item.path)) for item, _ in batch])
        pixels = self.preprocessing.normalise(squares.to(self.device).permute(0, 3, 1, 2))
        with torch.no_grad():
            probabilities = self.network(pixels).float().softmax(dim=1).cpu()
        predicted = probabilities.argmax(dim=1)
        true = torch.tensor(
            [-1 if item.true is None else self.class_names.index(item.true) for item, _ in batch]
        )
        predicted_maps = heat_maps(self.network, self.layer, pixels, predicted, self.method)
        true_maps = self._maps_of_true_class(pixels, predicted, true)
        for row, (item, image) in enumerate(batch):
            maps = [(int(predicted[row]), predicted_maps[row])]
            if row in true_maps:
                maps.append((int(true[row]), true_maps[row]))
            yield self._draw(item, image, maps, probabilities[row], folder)

    def _maps_of_true_class(self, pixels: Tensor, predicted: Tensor, true: Tensor) -> dict[int, Tensor]:
        rows = torch.nonzero((true >= 0) & (true != predicted)).flatten()
        if len(rows) == 0:
            return {}
        maps = heat_maps(self.network, self.layer, pixels[rows.to(self.device)], true[rows], self.method)
        return dict(zip(rows.tolist(), maps, strict=True))

    def _draw(
        self,
        item: Item,
        image: Image.Image,
        maps: Sequence[tuple[int, Tensor]],
        probabilities: Tensor,
        folder: Path,
    ) -> dict[str, object]:
        box = self.preprocessing.place(item.path, *image.size)
        placed = [
            LabelledMap(self.class_names[label], place_on_image(heat_map.numpy(), box, *image.size))
            for label, heat_map in maps
        ]
        predicted = placed[0].label
        figure = panel_figure(
            np.asarray(image),
            placed,
            self.class_names,
            probabilities.numpy(),
            item.true,
            predicted,
            item.name,
            f"{self.method} at {self.layer.name}",
        )
        panel = folder / f"{item.name}.png"
        save_panel(figure, panel)
        return {
            "image": str(item.path),
            "true": item.true or "",
            "predicted": predicted,
            "correct": "" if item.true is None else predicted == item.true,
            **{
                f"probability_{name}": f"{float(value):.6g}"
                for name, value in zip(self.class_names, probabilities, strict=True)
            },
            "method": self.method,
            "target_layer": self.layer.name,
            "panel": panel.name,
        }

    def _layer(self, name: str | None) -> TargetLayer:
        size = self.preprocessing.image_size
        example = torch.zeros(1, 3, size, size, device=self.device)
        if name is None:
            return find_target_layer(self.network, example)
        return named_target_layer(self.network, name, example)


def _readable(items: Iterable[Item], broken: list[str]) -> Iterator[tuple[Item, Image.Image]]:
    for item in items:
        try:
            yield item, read_image(item.path)
        except InputError as error:
            broken.append(str(error))


def _batches(
    items: Iterator[tuple[Item, Image.Image]], size: int
) -> Iterator[list[tuple[Item, Image.Image]]]:
    while batch := list(islice(items, size)):
        yield batch
