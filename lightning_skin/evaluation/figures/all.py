"""The figures of a run."""

from matplotlib.figure import Figure

from lightning_skin.evaluation.figures.conformal import conformal_figure
from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure
from lightning_skin.evaluation.figures.operating import operating_points_figure
from lightning_skin.evaluation.figures.per_class import per_class_figure
from lightning_skin.evaluation.figures.precision_recall import precision_recall_figure
from lightning_skin.evaluation.figures.reliability import reliability_figure
from lightning_skin.evaluation.figures.risk_coverage import risk_coverage_figure
from lightning_skin.evaluation.figures.roc import roc_figure
from lightning_skin.evaluation.figures.subgroups import subgroups_figure
from lightning_skin.evaluation.findings import Findings

TITLE = "test"


def all_figures(findings: Findings) -> dict[str, Figure]:
    """Draw what was found, but for the pictures of images.

    Args:
        findings: What was found about a run.

    Returns:
        Figures by their file names without ending; those of what was not looked at are missing.
    """
    test, evaluation = findings.test, findings.evaluation
    scaled = None if findings.calibrated is None else findings.calibrated.probabilities
    figures = {
        "confusion_matrix": confusion_matrix_figure(test.labels, test.predicted, test.class_names, TITLE),
        "per_class": per_class_figure(evaluation.metrics, evaluation.intervals, test.class_names),
        "roc": roc_figure(test, evaluation.metrics, TITLE),
        "precision_recall": precision_recall_figure(test, evaluation.metrics, TITLE),
        "reliability": reliability_figure(test.labels, test.probabilities, TITLE, scaled),
    }
    if findings.selective is not None:
        figures["risk_coverage"] = risk_coverage_figure(findings.selective, TITLE)
    if findings.conformal is not None:
        figures["conformal"] = conformal_figure(findings.conformal, TITLE)
    if findings.operating_points:
        figures["operating_points"] = operating_points_figure(findings.operating_points, TITLE)
    if findings.subgroups is not None and findings.subgroups.subgroups:
        shown = findings.subgroups.subgroups
        figures["subgroups"] = subgroups_figure(shown, evaluation, test.class_names)
    return figures
