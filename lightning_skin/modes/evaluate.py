"""From a classifier's outputs to predictions, metrics and figures in the run folder."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure
from lightning_skin.evaluation.figures.per_class import per_class_figure
from lightning_skin.evaluation.figures.reliability import reliability_figure
from lightning_skin.evaluation.figures.save import save_figure
from lightning_skin.evaluation.metrics import majority_baseline
from lightning_skin.evaluation.predictions import Predictions, write_predictions
from lightning_skin.evaluation.summary import evaluate, metrics_json, write_json
from lightning_skin.evaluation.tables import headline_table, per_class_table
from lightning_skin.models.collector import Outputs


def write_evaluation(
    folder: Path, data: SkinLesionDataModule, outputs: Mapping[str, Outputs], seed: int
) -> None:
    """Write what a run found about its validation and test images, and print the test result.

    Writes ``predictions/<split>.csv``, ``metrics.json`` and ``figures/*.png``.

    Args:
        folder: Of the run.
        data: The images that were evaluated.
        outputs: By split; the last one is printed and drawn.
        seed: Of the bootstrap.
    """
    tables = {split: _predictions(data, split, output) for split, output in outputs.items()}
    evaluations = {}
    for split, table in tables.items():
        write_predictions(table, folder / "predictions" / f"{split}.csv")
        evaluations[split] = evaluate(table, seed=seed)
    split, table = list(tables.items())[-1]
    counts = data.class_counts()
    baseline = majority_baseline(counts, table.labels, table.class_names) if any(counts) else None
    write_json(metrics_json(evaluations, baseline), folder / "metrics.json")
    evaluation = evaluations[split]
    figures = {
        "confusion_matrix": confusion_matrix_figure(table.labels, table.predicted, table.class_names, split),
        "per_class": per_class_figure(evaluation.metrics, evaluation.intervals, table.class_names),
        "reliability": reliability_figure(table.labels, table.probabilities, split),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / "figures" / f"{name}.png")
    console = Console()
    console.print(headline_table(evaluation, baseline))
    console.print(per_class_table(evaluation, table.class_names))


def _predictions(data: SkinLesionDataModule, split: str, outputs: Outputs) -> Predictions:
    rows = data.manifest.rows(split).iloc[outputs.indices.numpy()]
    return Predictions(
        images=rows["path"].to_numpy(str),
        labels=outputs.labels.numpy(),
        probabilities=outputs.probabilities.numpy(),
        groups=rows["group"].to_numpy(str),
        class_names=data.class_names,
    )
