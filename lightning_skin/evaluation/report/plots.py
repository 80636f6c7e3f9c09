"""Which lines the drawings of the page show."""

from collections.abc import Mapping, Sequence

import numpy as np

from lightning_skin.evaluation.curves import Points, precision_recall_curve, roc_curve
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.charts import Plot, epoch_plot, unit_plot
from lightning_skin.evaluation.report.numbers import number

DIAGONAL = Points(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
LOSSES = {"train/loss": "train", "val/loss": "val"}
SCORES = {"val/balanced_accuracy": "balanced accuracy", "val/accuracy": "accuracy", "val/auroc": "AUROC"}


def curve_plots(findings: Findings) -> list[Plot]:
    """ROC and precision-recall curves, a line for each class."""
    test, metrics = findings.test, findings.evaluation.metrics
    scores, truth = test.probabilities, test.labels
    roc = [
        (name, number(metrics[f"auroc_{name}"]), roc_curve(scores[:, index], truth == index))
        for index, name in enumerate(test.class_names)
    ]
    recall = [
        (
            name,
            number(metrics.get(f"average_precision_{name}", float("nan"))),
            precision_recall_curve(scores[:, index], truth == index),
        )
        for index, name in enumerate(test.class_names)
    ]
    areas = ", ".join(f"{name} {note}" for name, note, _ in roc)
    precisions = ", ".join(f"{name} {note}" for name, note, _ in recall)
    return [
        unit_plot(
            "roc",
            "ROC curves",
            f"Sensitivity against false-positive rate of each class against the rest. AUROC: {areas}.",
            ("False-positive rate (1 \N{MINUS SIGN} specificity)", "Sensitivity"),
            roc,
            reference=DIAGONAL,
        ),
        unit_plot(
            "precision-recall",
            "Precision and recall",
            f"Precision against recall of each class against the rest. Average precision: {precisions}.",
            ("Recall", "Precision"),
            recall,
        ),
    ]


def history_plots(history: Sequence[Mapping[str, float]]) -> list[Plot]:
    """Losses and validation scores by epoch; nothing where none were kept."""
    plots = []
    for key, title, label, lines in (
        ("losses", "Loss", "Loss", LOSSES),
        ("scores", "Validation scores", "Score", SCORES),
    ):
        curves = [(name, _series(history, column)) for column, name in lines.items()]
        if curves := [(name, curve) for name, curve in curves if len(curve.x)]:
            ends = ", ".join(f"{name} {number(float(curve.y[-1]))}" for name, curve in curves)
            plots.append(epoch_plot(key, title, f"{title} by epoch; at the end: {ends}.", label, curves))
    return plots


def _series(history: Sequence[Mapping[str, float]], column: str) -> Points:
    pairs = [(row["epoch"], row[column]) for row in history if column in row and np.isfinite(row[column])]
    epochs, values = np.array(pairs, np.float64).reshape(-1, 2).T
    return Points(epochs, values)
