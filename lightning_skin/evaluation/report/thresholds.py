"""The threshold that a reader may move: what each one gives, ready for the script of the page."""

from typing import Any

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.threshold_sweep import RATES, STEPS, ThresholdSweep, sweep_thresholds
from lightning_skin.evaluation.weighted import FloatArray


def threshold_views(findings: Findings, seed: int) -> list[dict[str, Any]]:
    """What can be flagged: malignant lesions, where the malignant classes are known, and each class.

    Returns:
        Plain values: ``name``, ``classes``, ``positives``, ``negatives``, and by threshold ``found``,
        ``flagged`` and for each rate the ends of its interval, ``None`` where undefined. Views without a
        positive or a negative image are left out.
    """
    test = findings.test
    views: dict[str, tuple[str, ...]] = {name: (name,) for name in test.class_names}
    malignant = () if findings.malignancy is None else tuple(findings.malignancy.classes)
    if len(malignant) > 1:
        views = {f"malignant ({', '.join(malignant)})": malignant, **views}
    elif malignant:
        views = {malignant[0]: malignant, **views}
    swept = sweep_thresholds(test, views, seed=seed)
    return [_plain(name, views[name], sweep) for name, sweep in swept.items()]


def _plain(name: str, classes: tuple[str, ...], sweep: ThresholdSweep) -> dict[str, Any]:
    return {
        "name": name,
        "classes": list(classes),
        "positives": sweep.positives,
        "negatives": sweep.negatives,
        "steps": STEPS,
        "found": [int(count) for count in sweep.found],
        "flagged": [int(count) for count in sweep.flagged],
        "intervals": {rate: [_ends(pair) for pair in sweep.intervals[rate]] for rate in RATES},
    }


def _ends(pair: FloatArray) -> list[float] | None:
    return None if np.isnan(pair).any() else [round(float(end), 3) for end in pair]
