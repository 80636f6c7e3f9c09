"""The verdict on a run in three lines: how good it is, how sure that is, where it fails."""

from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.pairs import most_confused_pairs
from lightning_skin.evaluation.report.numbers import interval, number
from lightning_skin.evaluation.summary import Evaluation

FEW = 30
"""Images of a class, below which its recall is a rough guess."""
NOTABLE = 0.02  # mean confidence less accuracy, above which probabilities are called too high or too low


class Verdict(NamedTuple):
    """Three lines of plain text."""

    how_good: str
    how_sure: str
    where_it_fails: str


def verdict(findings: Findings) -> Verdict:
    """Sum up what was found; each line is whole sentences."""
    return Verdict(_how_good(findings), _how_sure(findings), _where_it_fails(findings))


def amount_of_images(findings: Findings) -> str:
    """Images, and the lesions or patients that they show where these are known."""
    images, groups = len(findings.test.images), len(np.unique(findings.test.groups))
    said = _amount(images, "test image")
    return (
        said
        if groups == images
        else f"{said} of {_amount(groups, 'lesion or patient', 'lesions or patients')}"
    )


def _how_good(findings: Findings) -> str:
    evaluation = findings.evaluation
    said = f"Balanced accuracy {_told(evaluation, 'balanced_accuracy')} on {amount_of_images(findings)}"
    majority = findings.baselines.get("majority")
    if majority is None:
        return said + "."
    said += f"; a guess that never looks at an image has {number(majority['balanced_accuracy'])}"
    accuracy, guessed = evaluation.metrics["accuracy"], majority["accuracy"]
    beside = "more" if accuracy > guessed else "less" if accuracy < guessed else "no more"
    return (
        f"{said}. Accuracy {number(accuracy)}, {beside} than the {number(guessed)} of always guessing the "
        "commonest class."
    )


def _how_sure(findings: Findings) -> str:
    test, metrics = findings.test, findings.evaluation.metrics
    excess = float(test.probabilities.max(axis=1).mean()) - metrics["accuracy"]
    if abs(excess) < NOTABLE:
        said = "Its probabilities are right on average"
    else:
        said = (
            f"Its probabilities are too {'high' if excess > 0 else 'low'} by {number(abs(excess))} on average"
        )
    said += f" (calibration error {number(metrics['ece'])}"
    if findings.calibration is not None:
        said += (
            f", {number(findings.calibration.after.metrics['ece'])} after scaling fitted on validation images"
        )
    said += ")."
    counts = _counts(metrics, test.class_names)
    rarest = min(counts, key=lambda name: counts[name])
    low, high = findings.evaluation.intervals[f"recall_{rarest}"]
    if counts[rarest] < FEW and low < high:
        said += (
            f" {rarest} has {_amount(counts[rarest], 'test image')} only: "
            f"its recall of {number(metrics[f'recall_{rarest}'])} may be anywhere from "
            f"{interval((low, high))}."
        )
    return said


def _where_it_fails(findings: Findings) -> str:
    test, evaluation = findings.test, findings.evaluation
    recalls = {name: evaluation.metrics[f"recall_{name}"] for name in test.class_names}
    known = {name: recall for name, recall in recalls.items() if not isnan(recall)}
    weakest = min(known, key=lambda name: known[name])
    said = f"Weakest class: {weakest}, recall {_told(evaluation, f'recall_{weakest}')}."
    if pairs := most_confused_pairs(test, 1):
        pair = pairs[0]
        total = round(evaluation.metrics[f"count_{pair.label}"])
        said += f" Commonest mistake: {pair.label} taken for {pair.predicted}, {pair.count:,} of {total:,}."
    else:
        said += " No test image is guessed wrongly."
    if absent := [name for name in recalls if name not in known]:
        said += f" No test image shows {' or '.join(absent)}, about which nothing is known."
    return said


def _counts(metrics: Mapping[str, float], class_names: tuple[str, ...]) -> dict[str, int]:
    """Images of each class that has any."""
    return {name: round(count) for name in class_names if (count := metrics[f"count_{name}"])}


def _told(evaluation: Evaluation, metric: str) -> str:
    ends = interval(evaluation.intervals[metric])
    return number(evaluation.metrics[metric]) + (f" (95 % interval {ends})" if ends else "")


def _amount(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
