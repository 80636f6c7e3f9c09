"""Metrics as a reader sees them: title, direction, digits."""

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import NamedTuple

from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.evaluation.tables import BASELINES

EN_DASH = "–"


class Metric(NamedTuple):
    """How a metric is told.

    Attributes:
        title: Its name.
        meaning: In half a sentence.
        better: Whether the larger or the smaller value is the better one.
    """

    title: str
    meaning: str
    better: str = "higher"


OVERALL = {
    "balanced_accuracy": Metric("Balanced accuracy", "mean recall of the classes"),
    "accuracy": Metric("Accuracy", "share of images guessed rightly"),
    "auroc": Metric("AUROC", "mean over classes, each against the rest"),
    "average_precision": Metric("Average precision", "mean over classes, each against the rest"),
    "f1_macro": Metric("F1 (macro)", "mean over classes"),
    "kappa": Metric("Cohen's kappa", "agreement beyond chance"),
    "mcc": Metric("Matthews correlation", "of guess and truth"),
    "nll": Metric("Log loss", "of the true class", "lower"),
    "brier": Metric("Brier score", "squared error, 0 to 2", "lower"),
    "ece": Metric("Calibration error", "15 equal bins of confidence", "lower"),
    "ece_adaptive": Metric("Calibration error, adaptive", "15 bins of equally many images", "lower"),
}
PER_CLASS = {
    "recall": Metric("Recall", "sensitivity"),
    "specificity": Metric("Specificity", "share of the others not taken for it"),
    "precision": Metric("Precision", "positive predictive value"),
    "npv": Metric("NPV", "negative predictive value"),
    "auroc": Metric("AUROC", "against the rest"),
    "average_precision": Metric("Average precision", "against the rest"),
    "f1": Metric("F1", "of recall and precision"),
}


def number(value: float, sign: str = "") -> str:
    """Three decimals; a dash where it is undefined."""
    return EN_DASH if isnan(value) else f"{value:{sign}.3f}".replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def interval(ends: Sequence[float]) -> str:
    """Both ends; empty where they are undefined."""
    low, high = ends
    return "" if isnan(low) or isnan(high) else f"{number(low)} to {number(high)}"


class Cell(NamedTuple):
    """A value and its 95 % interval, as text; an undefined interval is empty."""

    value: str
    interval: str

    @property
    def told(self) -> str:
        """Both in one."""
        return f"{self.value} [{self.interval}]" if self.interval else self.value


def cell(evaluation: Evaluation, metric: str) -> Cell:
    """A metric of an evaluation."""
    return Cell(number(evaluation.metrics[metric]), interval(evaluation.intervals[metric]))


class OverallRow(NamedTuple):
    """A row of the headline table, as text."""

    metric: Metric
    value: str
    interval: str
    baselines: Sequence[str]


class ClassRow(NamedTuple):
    """A row of the table of classes.

    Attributes:
        name: Of the class.
        images: How many show it.
        cells: A value for each metric of ``class_metrics``.
        span: Recall between the ends of its interval; ``None`` where undefined.
    """

    name: str
    images: int
    cells: Sequence[Cell]
    span: tuple[float, float, float] | None


def overall_rows(evaluation: Evaluation, baselines: Mapping[str, Mapping[str, float]]) -> list[OverallRow]:
    """The headline table: a row for each overall metric that was computed."""
    return [
        OverallRow(
            metric,
            *cell(evaluation, name),
            [number(values.get(name, nan)) for values in baselines.values()],
        )
        for name, metric in OVERALL.items()
        if name in evaluation.metrics
    ]


def baseline_titles(baselines: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Titles of the columns of the baselines."""
    return [BASELINES.get(name, name) for name in baselines]


def class_rows(evaluation: Evaluation, class_names: Sequence[str]) -> list[ClassRow]:
    """The table of classes: counts and each metric of ``PER_CLASS`` that was computed."""
    metrics = class_metrics(evaluation, class_names)
    return [
        ClassRow(
            name,
            round(evaluation.metrics[f"count_{name}"]),
            [cell(evaluation, f"{metric}_{name}") for metric in metrics],
            _span(evaluation, f"recall_{name}"),
        )
        for name in class_names
    ]


def _span(evaluation: Evaluation, metric: str) -> tuple[float, float, float] | None:
    low, high = evaluation.intervals[metric]
    value = evaluation.metrics[metric]
    return None if isnan(low + value + high) else (low, value, high)


def class_metrics(evaluation: Evaluation, class_names: Sequence[str]) -> list[str]:
    """Those of ``PER_CLASS`` that were computed."""
    return [metric for metric in PER_CLASS if f"{metric}_{class_names[0]}" in evaluation.metrics]
