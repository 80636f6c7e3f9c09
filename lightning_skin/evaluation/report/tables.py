"""Tables of text that the page and the model card both show."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.clustered import Share
from lightning_skin.evaluation.conformal import ConformalSets
from lightning_skin.evaluation.gaps import Gap
from lightning_skin.evaluation.malignancy import MalignancyView
from lightning_skin.evaluation.operating_points import OperatingPoint
from lightning_skin.evaluation.out_of_distribution import Detection
from lightning_skin.evaluation.report.numbers import OVERALL, cell, interval, number, percent
from lightning_skin.evaluation.selective import RiskCoverage
from lightning_skin.evaluation.subgroups import SubgroupReport

Span = tuple[float, float, float]
"""Lower end, value and upper end, to be drawn from 0 to 1."""

CALIBRATION = ("ece", "ece_adaptive", "nll", "brier", "accuracy")
MALIGNANCY = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "partial_auc": "Partial AUC",
    "sensitivity_at_90_specificity": "Sensitivity at 90 % specificity",
    "sensitivity_at_95_specificity": "Sensitivity at 95 % specificity",
    "specificity_at_90_sensitivity": "Specificity at 90 % sensitivity",
    "specificity_at_95_sensitivity": "Specificity at 95 % sensitivity",
}
SCORES = {"max_softmax": "Largest probability", "max_logit": "Largest logit", "energy": "Negative energy"}


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
    titles = MALIGNANCY | {
        "partial_auc": f"Partial AUC above a sensitivity of {floor:g} (best {1 - floor:.2g})"
    }
    rows = [
        [title, *(_valued(view.metrics[metric], view.intervals[metric]) for view in views.values())]
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
            _valued(report.difference.metrics[metric], report.difference.intervals[metric], sign="+"),
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


def selective_table(found: RiskCoverage) -> TextTable:
    """What is gained by leaving the least certain images to somebody else."""
    rows = [
        [
            f"Accuracy on the surest {percent(coverage)}",
            _valued(value, found.intervals[f"accuracy_at_{100 * coverage:.0f}"]),
        ]
        for coverage, value in sorted(found.accuracy_at.items())
    ]
    rows.append(["Area under the risk-coverage curve", _valued(found.aurc, found.intervals["aurc"])])
    rows.append(["Of it more than needed", _valued(found.excess_aurc, found.intervals["excess_aurc"])])
    least = [
        f"{percent(coverage)} of the images hold {percent(shares[rarest])} of {rarest}"
        for coverage, shares in sorted(found.answered.items())
        if (rarest := _least(shares))
    ]
    note = f"Not every class is answered as often: the surest {'; the surest '.join(least)}." if least else ""
    return TextTable("selective", "Answering only where sure", ["Figure", "Value"], rows, note=note)


def conformal_table(found: ConformalSets) -> TextTable:
    """How often the sets hold the true class, by class."""
    thresholds = found.thresholds
    rows = [["all classes", shared(found.coverage)]]
    for name, share in found.coverage_per_class.items():
        row = [name, shared(share)]
        if name in thresholds.too_few:
            row[1] = "in every set: too few validation images"
        rows.append(row)
    return TextTable(
        "conformal",
        "Sets of classes",
        ["Class", "Sets that hold the true class"],
        rows,
        text=(
            f"Sets that are to hold the true class of {percent(thresholds.coverage)} of the images of each "
            f"class, fitted on validation images. On average {number(found.mean_size.value)} classes "
            f"[{interval(found.mean_size.interval)}]; one class in {shared(found.singletons)}, none in "
            f"{shared(found.empty)}."
        ),
        note="The promise holds for images from where the validation images come from.",
    )


def unknown_table(found: Mapping[str, Detection]) -> TextTable:
    """How well scores tell images of no known class."""
    first = next(iter(found.values()))
    rows = [
        [
            SCORES.get(name, name),
            _valued(one.auroc, one.intervals["auroc"]),
            _valued(one.fpr_at_95_tpr, one.intervals["fpr_at_95_tpr"]),
        ]
        for name, one in found.items()
    ]
    return TextTable(
        "unknown",
        "Images of no known class",
        ["Score", "AUROC", "Taken for known where 95 % of the known are"],
        rows,
        text=f"{first.known:,} known images against {first.unknown:,} unknown ones.",
    )


def subgroup_tables(report: SubgroupReport, whole: float) -> list[TextTable]:
    """Balanced accuracy of each subgroup, a table for each attribute.

    Args:
        report: At least one subgroup.
        whole: Balanced accuracy of all images.
    """
    tables: list[TextTable] = []
    for attribute in dict.fromkeys(group.attribute for group in report.subgroups):
        groups = [group for group in report.subgroups if group.attribute == attribute]
        rows: list[list[str]] = []
        spans: list[Span | None] = []
        for group in groups:
            missing = ", ".join([*group.absent, *(f"{name} (few)" for name in group.scarce)])
            if group.too_small:
                rows.append([group.value, f"{group.n:,}", f"{group.groups:,}", "n too small", "", ""])
                spans.append(None)
                continue
            value, ends = group.metrics["balanced_accuracy"], group.intervals["balanced_accuracy"]
            auroc = _valued(group.metrics["auroc"], group.intervals["auroc"])
            rows.append(
                [group.value, f"{group.n:,}", f"{group.groups:,}", _valued(value, ends), auroc, missing]
            )
            spans.append(None if np.isnan([*ends, value]).any() else (ends[0], value, ends[1]))
        gaps = [gap for gap in report.largest_gaps() if gap.attribute == attribute]
        said = [_gap(gap) for gap in gaps]
        tables.append(
            TextTable(
                f"subgroups-{len(tables)}",
                attribute.replace("_", " ").capitalize(),
                ["Value", "Images", "Groups", "Balanced accuracy", "AUROC", "Classes absent or few"],
                rows,
                note=" ".join(said),
                spans=spans,
                span_title="0 to 1",
                whole=whole,
            )
        )
    return tables


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
    return f"{_valued(share.value, share.interval)} ({share.count:,} of {share.total:,})"


def _valued(value: float, ends: Sequence[float], sign: str = "") -> str:
    said = interval(ends)
    return f"{number(value, sign)} [{said}]" if said else number(value, sign)


def _gap(gap: Gap) -> str:
    """A difference between two subgroups as a sentence."""
    chance = "more than chance" if gap.excludes_zero else "which may be chance"
    p_value = "< 0.001" if gap.p_holm < 0.001 else f"{gap.p_holm:.3f}"
    return (
        f"{OVERALL[gap.metric].title} over {', '.join(gap.classes)}: {gap.higher} above {gap.lower} by "
        f"{_valued(gap.difference, gap.interval)}, {chance} (p {p_value}, Holm-corrected)."
    )


def _least(shares: Mapping[str, float]) -> str:
    known = {name: share for name, share in shares.items() if not np.isnan(share)}
    return min(known, key=lambda name: known[name]) if known else ""
