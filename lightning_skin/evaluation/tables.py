"""Evaluations as tables for the terminal."""

from collections.abc import Mapping, Sequence
from math import isnan

from rich.table import Table
from rich.text import Text

from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.summary import Evaluation

HEADLINES = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "auroc": "AUROC",
    "f1_macro": "F1 (macro)",
    "ece": "Calibration error",
}
CALIBRATION = {"ece": "Calibration error", "nll": "Log loss", "brier": "Brier score"}


def headline_table(
    evaluations: Mapping[str, Evaluation],
    baseline: Mapping[str, float] | None,
    difference: Evaluation | None = None,
) -> Table:
    """Tabulate the overall metrics with their 95 % intervals.

    Args:
        evaluations: Evaluations to show side by side, by the titles of their columns.
        baseline: From ``majority_baseline``; ``None`` leaves its column out.
        difference: Of two of them, from ``compare``; ``None`` leaves its column out.
    """
    table = Table("Metric")
    for title in evaluations:
        table.add_column(title, justify="right")
    if difference is not None:
        table.add_column("Difference", justify="right")
    if baseline is not None:
        table.add_column("Majority guess", justify="right")
    for metric, title in HEADLINES.items():
        row = [Text(title), *(_with_interval(evaluation, metric) for evaluation in evaluations.values())]
        if difference is not None:
            row.append(_with_interval(difference, metric, sign="+"))
        if baseline is not None:
            row.append(_number(baseline[metric]))
        table.add_row(*row)
    return table


def calibration_table(report: CalibrationReport) -> Table:
    """Tabulate what a calibration changes: errors of probabilities, and what else of the overall metrics."""
    table = Table("Metric")
    for title in ("Before [95 % CI]", "After", "Difference"):
        table.add_column(title, justify="right")
    for metric, title in {**CALIBRATION, **HEADLINES}.items():
        if metric in CALIBRATION or report.difference.metrics[metric]:
            cells = [_with_interval(one, metric) for one in (report.before, report.after)]
            table.add_row(Text(title), *cells, _with_interval(report.difference, metric, sign="+"))
    scaling = report.scaling
    table.title = Text("Calibration, of each round by its own" if scaling is None else scaling.title)
    notes = [] if scaling is None else [*scaling.remarks]
    if report.does_harm:
        notes.append("it does harm: these images are harder, or easier, than those that it was fitted on")
    table.caption = Text("\n".join(f"Note: {note}" for note in notes))
    return table


def per_class_table(evaluation: Evaluation, class_names: Sequence[str]) -> Table:
    """Tabulate the metrics of each class against all others.

    Args:
        evaluation: Evaluation to show.
        class_names: The C classes.
    """
    table = Table("Class")
    for title in ("n", "Recall [95 % CI]", "Specificity", "Precision", "AUROC"):
        table.add_column(title, justify="right")
    for name in class_names:
        count = Text(f"{evaluation.metrics[f'count_{name}']:.0f}")
        rates = [
            _number(evaluation.metrics[f"{rate}_{name}"]) for rate in ("specificity", "precision", "auroc")
        ]
        table.add_row(Text(name), count, _with_interval(evaluation, f"recall_{name}"), *rates)
    return table


def members_table(rows: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    """Tabulate the overall metrics of the members of an ensemble, their mean, and those of the whole.

    Args:
        rows: Metrics by the titles of their rows; two of them stand for a mean and its deviation.
    """
    table = Table("Member")
    for title in ("n", *HEADLINES.values()):
        table.add_column(title, justify="right")
    for name, metrics in rows.items():
        cells = [Text(" ± ").join(_number(one[metric]) for one in metrics) for metric in HEADLINES]
        count = f"{sum(value for key, value in metrics[0].items() if key.startswith('count_')):.0f}"
        table.add_row(Text(name), count if len(metrics) == 1 else "", *cells)
    return table


# Text, because a plain string such as "[0.1, 0.2]" or "class[a]" would be read as markup.
def _number(value: float) -> Text:
    return Text("–" if isnan(value) else f"{value:.3f}")


def _with_interval(evaluation: Evaluation, metric: str, sign: str = "") -> Text:
    value, (low, high) = evaluation.metrics[metric], evaluation.intervals[metric]
    return Text("–" if isnan(value) else f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]")
