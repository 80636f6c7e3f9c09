"""What is found out about a run from its predictions, and its form in ``metrics.json``."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lightning_skin.evaluation.abstention import abstain
from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.conformal import conformal_sets, fit_conformal
from lightning_skin.evaluation.costs import cost_decisions, cost_matrix
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.malignancy import MalignancyView, is_malignant, malignancy_view
from lightning_skin.evaluation.operating_points import operating_points
from lightning_skin.evaluation.out_of_distribution import Detection, out_of_distribution, split_unknown
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.protocols.write import write_protocols
from lightning_skin.evaluation.selective import COVERAGES, risk_coverage
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.evaluation.subgroups import subgroups
from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.modes.scoring import CALIBRATED, MINUS_TEST, Judged

logger = logging.getLogger(__name__)

MELANOMA = "mel"


def find_out(
    judged: Judged,
    evaluations: Mapping[str, Evaluation | None],
    baselines: Mapping[str, Mapping[str, float]],
    malignant: Sequence[str],
    settings: EvaluationSettings,
    seed: int,
    folder: Path,
) -> Findings:
    """Find out all that is asked for and can be known; writes the files of public benchmarks.

    Args:
        judged: Predictions.
        evaluations: From ``score``.
        baselines: By name.
        malignant: Classes that count as malignant; none where that is not known.
        settings: What is asked for.
        seed: Of the bootstrap.
        folder: Of the run.
    """
    test, val = judged.tables["test"], judged.tables.get("val")
    evaluation = evaluations["test"]
    assert evaluation is not None  # of all test images, which are never none
    calibrated = judged.tables.get(CALIBRATED)
    known = [name for name in malignant if name in test.class_names]
    matrix = None if settings.costs is None else cost_matrix(settings.costs, test.class_names)
    return Findings(
        test=test,
        evaluation=evaluation,
        val=val,
        baselines=baselines,
        malignancy=_view(test, known, settings, seed),
        melanoma=_view(test, [MELANOMA] if MELANOMA in test.class_names else [], settings, seed),
        calibrated=calibrated,
        calibration=calibration_report(judged, evaluations),
        selective=risk_coverage(test, seed=seed),
        abstention=[] if val is None else [abstain(val, test, coverage) for coverage in COVERAGES],
        conformal=None if val is None else conformal_sets(fit_conformal(val, settings.coverage), test),
        out_of_distribution=_detections(test, settings.unknown, seed),
        operating_points=(
            operating_points(val, test, known, settings.targets)
            if val is not None and _divides(val, known)
            else ()
        ),
        costs=None if matrix is None else cost_decisions(calibrated or test, matrix),
        subgroups=subgroups(test, settings.subgroups, min_images=settings.min_images, seed=seed),
        protocols=write_protocols(test, folder / "predictions", settings.protocols, run=f"seed{seed}"),
    )


def findings_json(findings: Findings) -> dict[str, Any]:
    """Arrange what ``metrics_json`` does not know of for ``metrics.json``."""
    views = {"malignancy": findings.malignancy, "melanoma": findings.melanoma}
    report = findings.subgroups
    parts: dict[str, Any] = {
        **{name: asdict(view) for name, view in views.items() if view is not None},
        "selective": findings.selective and findings.selective.summary(),
        "abstention": [asdict(one) for one in findings.abstention],
        "conformal": findings.conformal and findings.conformal.summary(),
        "out_of_distribution": {name: asdict(found) for name, found in findings.out_of_distribution.items()},
        "operating_points": [asdict(point) for point in findings.operating_points],
        "costs": findings.costs and asdict(findings.costs),
        "subgroups": [asdict(one) for one in report.subgroups] if report else [],
        "subgroup_gaps": [asdict(gap) for gap in report.largest_gaps()] if report else [],
        "protocols": findings.protocols,
    }
    return {name: part for name, part in parts.items() if part}


def calibration_report(
    judged: Judged, evaluations: Mapping[str, Evaluation | None]
) -> CalibrationReport | None:
    """The calibrated predictions beside the plain ones; ``None`` where there are none."""
    names = ("test", CALIBRATED, CALIBRATED + MINUS_TEST)
    before, after, difference = (evaluations.get(name) for name in names)
    if before is None or after is None or difference is None:
        return None
    return CalibrationReport(judged.scaling, before, after, difference)


def _view(
    test: Predictions, malignant: Sequence[str], settings: EvaluationSettings, seed: int
) -> MalignancyView | None:
    if not malignant or len(malignant) == len(test.class_names):
        return None
    return malignancy_view(test, malignant, min_tpr=settings.min_tpr, seed=seed)


def _detections(test: Predictions, unknown: str | None, seed: int) -> dict[str, Detection]:
    """Nothing where no class stands for everything else, or the test lacks images of it or of others."""
    if unknown is None:
        return {}
    of_it = test.labels == test.class_names.index(unknown)
    if of_it.all() or not of_it.any():
        logger.warning(
            "evaluation.unknown=%s is the class of %d of %d test images; expected some of it and of others",
            unknown,
            of_it.sum(),
            len(of_it),
        )
        return {}
    return out_of_distribution(*split_unknown(test, unknown), seed=seed)


def _divides(table: Predictions, malignant: Sequence[str]) -> bool:
    """Whether a table has malignant and benign images."""
    if not malignant or len(malignant) == len(table.class_names):
        return False
    found = is_malignant(table, malignant)
    return bool(found.any() and not found.all())
