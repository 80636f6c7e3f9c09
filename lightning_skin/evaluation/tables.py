"""Evaluations as tables for the terminal."""

from collections.abc import Mapping, Sequence
from math import isnan

from rich.table import Table
from rich.text import Text

from lightning_skin.evaluation.malignancy import MalignancyView
from lightning_skin.evaluation.summary import Evaluation

HEADLINES = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "f1_macro": "F1 (macro)",
    "kappa": "Cohen's kappa",
    "mcc": "Matthews correlation",
    "ece": "Calibration error",
}

BASELINES = {"majority": "Majority guess", "prior": "Prior guess"}

OF_MEMBERS = ("balanced_accuracy", "accuracy", "auroc", "f1_macro", "ece")
"""Headlines that stand side by side."""

OF_CLASSES = {
    "specificity": "Specificity",
    "precision": "Precision",
    "npv": "NPV",
    "auroc": "AUROC",
    "average_precision": "Avg. precision",
}

OF_MALIGNANCY = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "partial_auc": "Partial AUC",
    "sensitivity_at_90_specificity": "Sensitivity at 90 % specificity",
    "sensitivity_at_95_specificity": "Sensitivity at 95 % specificity",
    "specificity_at_90_sensitivity": "Specificity at 90 % sensitivity",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
}


def headline_table(
    evaluations: Mapping[str, Evaluation],
    baselines: Mapping[str, Mapping[str, float]],
    difference: Evaluation | None = None,
) -> Table:
    """Tabulate the overall metrics with their 95 % intervals.

    Args:
        evaluations: Evaluations to show side by side, by the titles of their columns.
        baselines: From ``metrics.baselines``; each that is there has a column.
        difference: Of two of them, from ``compare``; ``None`` leaves its column out.
    """
    table = Table("Metric")
    for title in evaluations:
        table.add_column(title, justify="right")
    if difference is not None:
        table.add_column("Difference", justify="right")
    for name in baselines:
        table.add_column(BASELINES[name], justify="right")
    for metric, title in HEADLINES.items():
        row = [Text(title), *(_with_interval(evaluation, metric) for evaluation in evaluations.values())]
        if difference is not None:
            row.append(_with_interval(difference, metric, sign="+"))
        row += [_number(baseline[metric]) for baseline in baselines.values()]
        table.add_row(*row)
    return table


def per_class_table(evaluation: Evaluation, class_names: Sequence[str]) -> Table:
    """Tabulate the metrics of each class against all others.

    Args:
        evaluation: Evaluation to show.
        class_names: The C classes.
    """
    table = Table("Class")
    for title in ("n", "Recall [95 % CI]", *OF_CLASSES.values()):
        table.add_column(title, justify="right")
    for name in class_names:
        count = Text(f"{evaluation.metrics[f'count_{name}']:.0f}")
        rates = [_number(evaluation.metrics[f"{rate}_{name}"]) for rate in OF_CLASSES]
        table.add_row(Text(name), count, _with_interval(evaluation, f"recall_{name}"), *rates)
    return table


def members_table(rows: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    """Tabulate the overall metrics of the members of an ensemble, their mean, and those of the whole.

    Args:
        rows: Metrics by the titles of their rows; two of them stand for a mean and its deviation.
    """
    table = Table("Member")
    for title in ("n", *(HEADLINES[metric] for metric in OF_MEMBERS)):
        table.add_column(title, justify="right")
    for name, metrics in rows.items():
        cells = [Text(" ± ").join(_number(one[metric]) for one in metrics) for metric in OF_MEMBERS]
        count = f"{sum(value for key, value in metrics[0].items() if key.startswith('count_')):.0f}"
        table.add_row(Text(name), count if len(metrics) == 1 else "", *cells)
    return table


def malignancy_table(views: Mapping[str, MalignancyView]) -> Table:
    """Tabulate how well malignant classes are told from benign ones, with 95 % intervals.

    Args:
        views: From ``malignancy_view``, by the titles of their columns.
    """
    table = Table("Metric")
    for title in views:
        table.add_column(Text(title), justify="right")
    counts = [Text(f"{view.metrics['count_malignant']:.0f}") for view in views.values()]
    table.add_row(Text("Images"), *counts)
    for metric, title in OF_MALIGNANCY.items():
        table.add_row(Text(title), *(_with_interval(view, metric) for view in views.values()))
    return table


# Text, because a plain string such as "[0.1, 0.2]" or "class[a]" would be read as markup.
def _number(value: float) -> Text:
    return Text("–" if isnan(value) else f"{value:.3f}")


def _with_interval(evaluation: Evaluation | MalignancyView, metric: str, sign: str = "") -> Text:
    value, (low, high) = evaluation.metrics[metric], evaluation.intervals[metric]
    return Text("–" if isnan(value) else f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]")
