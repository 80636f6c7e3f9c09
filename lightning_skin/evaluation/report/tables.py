"""Tables of text that the page and the model card both show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.clustered import Share
from lightning_skin.evaluation.malignancy import MalignancyView
from lightning_skin.evaluation.operating_points import OperatingPoint
from lightning_skin.evaluation.report.numbers import OVERALL, cell, interval, number
from lightning_skin.evaluation.tables import OF_MALIGNANCY

Span = tuple[float, float, float]
"""Lower end, value and upper end, to be drawn from 0 to 1."""

CALIBRATION = ("ece", "ece_adaptive", "nll", "brier", "accuracy")


class TextTable(NamedTuple):
    """A table whose first column names the row.

    Attributes:
        key: Identifier within the page.
        title: Heading.
        columns: Titles of the columns.
        rows: Cells of each row.
        text: What it is, before it.
        note: What to mind, after it.
        spans: Drawn beside each row; ``None`` where a row has nothing to draw.
        span_title: Title of the drawings.
        whole: Where the line of all images stands in them.
    """

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    text: str = ""
    note: str = ""
    spans: Sequence[Span | None] = ()
    span_title: str = ""
    whole: float | None = None


def malignancy_table(views: Mapping[str, MalignancyView]) -> TextTable:
    """Malignant against benign, and melanoma against all others, side by side.

    Args:
        views: By the titles of their columns, at least one.
    """
    counts = [
        f"{name}: {', '.join(view.classes)} ({view.metrics['count_malignant']:,.0f} of "
        f"{view.metrics['count_malignant'] + view.metrics['count_benign']:,.0f} images)"
        for name, view in views.items()
    ]
    floor = next(iter(views.values())).min_tpr
    titles = OF_MALIGNANCY | {
        "partial_auc": f"Partial AUC above a sensitivity of {floor:g} (best {1 - floor:.2g})"
    }
    rows = [
        [title, *(valued(view.metrics[metric], view.intervals[metric]) for view in views.values())]
        for metric, title in titles.items()
    ]
    return TextTable(
        "malignancy",
        "One against the rest",
        ["Metric", *views],
        rows,
        text="The probabilities of the classes added up. " + "; ".join(counts) + ".",
        note="Sensitivity at a specificity, and the reverse: the best that a threshold reaches here.",
    )


def operating_table(points: Sequence[OperatingPoint]) -> TextTable:
    """Thresholds chosen on validation images and what they did to the test images."""
    rates = ("sensitivity", "specificity", "ppv", "npv", "flagged")
    rows = [
        [point.title, number(point.threshold), *(shared(getattr(point.test, rate)) for rate in rates)]
        for point in points
    ]
    return TextTable(
        "operating-points",
        "Operating points",
        ["Chosen for", "Threshold", "Sensitivity", "Specificity", "PPV", "NPV", "Flagged"],
        rows,
        text=(
            "Thresholds on the malignant probability, chosen on validation images, frozen, applied to the "
            "test images."
        ),
        note="PPV and NPV hold at the share of malignant images among these, which is not that of a clinic.",
    )


def calibration_table(report: CalibrationReport) -> TextTable:
    """Before and after scaling."""
    metrics = [metric for metric in CALIBRATION if metric in report.before.metrics]
    rows = [
        [
            OVERALL[metric].title,
            cell(report.before, metric).told,
            cell(report.after, metric).told,
            valued(report.difference.metrics[metric], report.difference.intervals[metric], sign="+"),
        ]
        for metric in metrics
    ]
    scaling = report.scaling
    note = ["Intervals of the change are paired."]
    if report.does_harm:
        note.append("Scaling makes the log loss worse here, by more than chance.")
    note += [] if scaling is None else [f"Mind: {remark}." for remark in scaling.remarks]
    text = "Each round of the cross-validation is scaled by its own."
    if scaling is not None:
        text = f"Fitted on {scaling.images:,} validation images, applied to the test images."
    return TextTable(
        "calibration-table",
        "Scaling" if scaling is None else scaling.title,
        ["Metric", "As the network says", "Scaled", "Change"],
        rows,
        text=text,
        note=" ".join(note),
    )


def protocol_table(protocols: Mapping[str, Mapping[str, float]]) -> TextTable:
    """Scores as public challenges compute them."""
    rows = [
        [f"{name}: {metric.replace('_', ' ')}", number(value)]
        for name, scores in protocols.items()
        for metric, value in scores.items()
    ]
    return TextTable(
        "protocol-scores",
        "As challenges score",
        ["Protocol and score", "Value"],
        rows,
        note="A score compares with published ones on the same test images only.",
    )


def shared(share: Share) -> str:
    """A share with its interval and its counts in one line of text."""
    return f"{valued(share.value, share.interval)} ({share.count:,} of {share.total:,})"


def valued(value: float, ends: Sequence[float], sign: str = "") -> str:
    """A value with its interval in one line of text."""
    said = interval(ends)
    return f"{number(value, sign)} [{said}]" if said else number(value, sign)
