"""The sections of the page that a run may have: each where it was asked for and can be known."""

from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.curves import Points
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.charts import Plot, unit_plot
from lightning_skin.evaluation.report.numbers import number
from lightning_skin.evaluation.report.plots import DIAGONAL
from lightning_skin.evaluation.report.subgroup_tables import subgroup_tables
from lightning_skin.evaluation.report.tables import (
    TextTable,
    calibration_table,
    malignancy_table,
    operating_table,
    protocol_table,
)
from lightning_skin.evaluation.report.unsure_tables import conformal_table, selective_table, unknown_table
from lightning_skin.evaluation.weighted import calibration_sums


class Section(NamedTuple):
    """A part of the page.

    Attributes:
        key: Identifier within the page.
        title: Heading.
        text: What it is about.
        tables: In this order.
        plots: Before the tables.
    """

    key: str
    title: str
    text: str
    tables: list[TextTable]
    plots: list[Plot]


def threshold_tables(findings: Findings) -> list[TextTable]:
    """What is known of malignant against benign: none where the malignant classes are not known."""
    views = {"Malignant": findings.malignancy, "Melanoma": findings.melanoma}
    known = {name: view for name, view in views.items() if view is not None}
    tables = [malignancy_table(known)] if known else []
    if findings.operating_points:
        tables.append(operating_table(findings.operating_points))
    return tables


def further_sections(findings: Findings) -> list[Section]:
    """What there is beyond figures, classes, curves and thresholds."""
    sections = [_probabilities(findings)]
    unsure = [
        *([] if findings.selective is None else [selective_table(findings.selective)]),
        *([] if findings.conformal is None else [conformal_table(findings.conformal)]),
        *([unknown_table(findings.out_of_distribution)] if findings.out_of_distribution else []),
    ]
    if unsure:
        sections.append(Section("unsure", "When not to answer", "", unsure, _risk_plots(findings)))
    if findings.subgroups is not None and findings.subgroups.subgroups:
        text = (
            "The same classifier on parts of the test images. Means over classes leave out those that a part "
            f"has no image of. Parts of fewer than {findings.subgroups.min_images} images say nothing."
        )
        tables = subgroup_tables(findings.subgroups, findings.evaluation.metrics["balanced_accuracy"])
        sections.append(Section("subgroups", "Subgroups", text, tables, []))
    if findings.protocols:
        sections.append(Section("protocols", "Protocols", "", [protocol_table(findings.protocols)], []))
    return sections


def _probabilities(findings: Findings) -> Section:
    curves = [
        ("as the network says", number(findings.evaluation.metrics["ece"]), _reliability(findings.test))
    ]
    tables = [] if (report := findings.calibration) is None else [calibration_table(report)]
    if report is not None and findings.calibrated is not None:
        curves.append(("scaled", number(report.after.metrics["ece"]), _reliability(findings.calibrated)))
    told = ", ".join(f"{name} {note}" for name, note, _ in curves)
    drawing = unit_plot(
        "reliability",
        "Reliability",
        f"Accuracy against confidence in 15 bins of the largest probability. Calibration error: {told}.",
        ("Confidence (probability of the guess)", "Accuracy"),
        curves,
        reference=DIAGONAL,
        dots=True,
    )
    text = "Below the diagonal the network is surer than it is right, above it the reverse."
    return Section("probabilities", "Probabilities", text, tables, [drawing])


def _reliability(predictions: Predictions) -> Points:
    sums = calibration_sums(predictions.labels, predictions.probabilities, np.ones(len(predictions.labels)))
    filled = sums.weight > 0
    return Points(sums.confidence[filled] / sums.weight[filled], sums.correct[filled] / sums.weight[filled])


def _risk_plots(findings: Findings) -> list[Plot]:
    found = findings.selective
    if found is None:
        return []
    return [
        unit_plot(
            "risk-coverage",
            "Risk and coverage",
            "Share of wrong answers against the share of images answered, the surest first; "
            f"area {number(found.aurc)}.",
            ("Share of images answered", "Share of wrong answers"),
            [("classifier", number(found.aurc), Points(found.coverages, found.risks))],
        )
    ]
