"""Sensitivity against false-positive rate of each class."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from lightning_skin.evaluation.curves import roc_curve
from lightning_skin.evaluation.figures.class_lines import class_lines_figure
from lightning_skin.evaluation.figures.style import MUTED
from lightning_skin.evaluation.predictions import Predictions


def roc_figure(predictions: Predictions, metrics: Mapping[str, float], title: str) -> Figure:
    """Draw the ROC curve of each class against the rest; the diagonal tells nothing.

    Args:
        predictions: Table to show.
        metrics: From ``classification_metrics`` on it; the legend names each AUROC.
        title: Heading; the mean AUROC is added to it.
    """
    curves = [
        (
            name,
            metrics[f"auroc_{name}"],
            roc_curve(predictions.probabilities[:, index], predictions.labels == index),
        )
        for index, name in enumerate(predictions.class_names)
    ]
    figure = class_lines_figure(
        curves,
        title=f"{title}: mean AUROC {metrics['auroc']:.3f}",
        xlabel="False-positive rate (1 \N{MINUS SIGN} specificity)",
        ylabel="Sensitivity",
    )
    figure.axes[0].plot([0, 1], [0, 1], color=MUTED, linestyle=(0, (1, 2)), linewidth=1, zorder=1)
    return figure
