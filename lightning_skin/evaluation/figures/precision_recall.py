"""Precision against recall of each class."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from lightning_skin.evaluation.curves import precision_recall_curve
from lightning_skin.evaluation.figures.class_lines import class_lines_figure
from lightning_skin.evaluation.predictions import Predictions


def precision_recall_figure(predictions: Predictions, metrics: Mapping[str, float], title: str) -> Figure:
    """Draw the precision-recall curve of each class against the rest, in steps.

    Args:
        predictions: Table to show.
        metrics: From ``classification_metrics`` on it; the legend names each average precision.
        title: Heading; the mean average precision is added to it.
    """
    curves = [
        (
            name,
            metrics[f"average_precision_{name}"],
            precision_recall_curve(predictions.probabilities[:, index], predictions.labels == index),
        )
        for index, name in enumerate(predictions.class_names)
    ]
    return class_lines_figure(
        curves,
        title=f"{title}: mean average precision {metrics['average_precision']:.3f}",
        xlabel="Recall",
        ylabel="Precision",
    )
