"""From a classifier's outputs to predictions, metrics and figures in the run folder."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.leakage import known_from_training
from lightning_skin.data.manifest import Manifest
from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure
from lightning_skin.evaluation.figures.per_class import per_class_figure
from lightning_skin.evaluation.figures.reliability import reliability_figure
from lightning_skin.evaluation.figures.save import save_figure
from lightning_skin.evaluation.metrics import majority_baseline
from lightning_skin.evaluation.predictions import Predictions, write_predictions
from lightning_skin.evaluation.summary import Evaluation, evaluate, metrics_json, write_json
from lightning_skin.evaluation.tables import headline_table, per_class_table
from lightning_skin.models.collector import Outputs
from lightning_skin.modes.unseen import evaluate_unseen, headlines


def write_evaluation(
    folder: Path,
    data: SkinLesionDataModule,
    outputs: Mapping[str, Outputs],
    seed: int,
    trained: Manifest | None,
) -> None:
    """Write what a run found about its validation and test images, and print the test result.

    Writes ``predictions/<split>.csv``, ``metrics.json`` and ``figures/*.png``. Where test images were trained
    on, the metrics without them stand beside those of all, and ``predictions/test.csv`` says which they are.

    Args:
        folder: Of the run.
        data: The images that were evaluated.
        outputs: By split; ``test``, which is printed and drawn, is among them.
        seed: Of the bootstrap.
        trained: The images that the network was trained on; ``None`` where they are not known.
    """
    tables = {split: _predictions(data, split, output) for split, output in outputs.items()}
    evaluations = {split: evaluate(table, seed=seed) for split, table in tables.items()}
    known = _known(data, outputs["test"], trained)
    for split, table in tables.items():
        marks = known if split == "test" and known.any() else None
        write_predictions(table, folder / "predictions" / f"{split}.csv", trained_on=marks)
    test, evaluation = tables["test"], evaluations["test"]
    unseen = evaluate_unseen(test, known, seed)
    counts = data.class_counts()
    baseline = majority_baseline(counts, test.labels, test.class_names) if any(counts) else None
    write_json(metrics_json({**evaluations, **unseen}, baseline), folder / "metrics.json")
    _draw(test, evaluation, folder / "figures")
    console = Console()
    console.print(headline_table(headlines(evaluation, unseen), baseline))
    console.print(per_class_table(evaluation, test.class_names))


def _known(data: SkinLesionDataModule, outputs: Outputs, trained: Manifest | None) -> NDArray[np.str_]:
    if trained is None:
        return np.full(len(outputs.indices), "")
    return known_from_training(data.manifest, trained)[outputs.indices.numpy()]


def _draw(table: Predictions, evaluation: Evaluation, folder: Path) -> None:
    figures = {
        "confusion_matrix": confusion_matrix_figure(table.labels, table.predicted, table.class_names, "test"),
        "per_class": per_class_figure(evaluation.metrics, evaluation.intervals, table.class_names),
        "reliability": reliability_figure(table.labels, table.probabilities, "test"),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / f"{name}.png")


def _predictions(data: SkinLesionDataModule, split: str, outputs: Outputs) -> Predictions:
    rows = data.manifest.rows(split).iloc[outputs.indices.numpy()]
    return Predictions(
        images=rows["path"].to_numpy(str),
        labels=outputs.labels.numpy(),
        probabilities=outputs.probabilities.numpy(),
        groups=rows["group"].to_numpy(str),
        class_names=data.class_names,
    )
