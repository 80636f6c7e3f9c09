"""Tables of when not to answer."""

from collections.abc import Mapping

import numpy as np

from lightning_skin.evaluation.conformal import ConformalSets
from lightning_skin.evaluation.out_of_distribution import Detection
from lightning_skin.evaluation.report.numbers import interval, number, percent
from lightning_skin.evaluation.report.tables import TextTable, shared, valued
from lightning_skin.evaluation.selective import RiskCoverage

SCORES = {"max_softmax": "Largest probability", "max_logit": "Largest logit", "energy": "Negative energy"}


def selective_table(found: RiskCoverage) -> TextTable:
    """What is gained by leaving the least certain images to somebody else."""
    rows = [
        [
            f"Accuracy on the surest {percent(coverage)}",
            valued(value, found.intervals[f"accuracy_at_{100 * coverage:.0f}"]),
        ]
        for coverage, value in sorted(found.accuracy_at.items())
    ]
    rows.append(["Area under the risk-coverage curve", valued(found.aurc, found.intervals["aurc"])])
    rows.append(["Of it more than needed", valued(found.excess_aurc, found.intervals["excess_aurc"])])
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
            valued(one.auroc, one.intervals["auroc"]),
            valued(one.fpr_at_95_tpr, one.intervals["fpr_at_95_tpr"]),
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


def _least(shares: Mapping[str, float]) -> str:
    known = {name: share for name, share in shares.items() if not np.isnan(share)}
    return min(known, key=lambda name: known[name]) if known else ""
