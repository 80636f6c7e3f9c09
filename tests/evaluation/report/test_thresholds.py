import json

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.thresholds import threshold_views


def test_malignant_comes_first_and_all_is_plain(findings: Findings) -> None:
    views = threshold_views(findings, seed=0)
    assert [view["name"] for view in views] == ["malignant (bcc, mel)", "bcc", "mel", "nv"]
    first, test = views[0], findings.test
    malignant = test.labels < 2
    flagged = test.probabilities[:, :2].sum(axis=1) >= 0.5
    assert first["found"][100] == int((malignant & flagged).sum())
    assert first["flagged"][100] == int((~malignant & flagged).sum())
    assert (first["positives"], first["negatives"]) == (int(malignant.sum()), int((~malignant).sum()))
    low, high = first["intervals"]["sensitivity"][100]
    assert low <= np.mean(flagged[malignant]) <= high
    assert json.loads(json.dumps(views, allow_nan=False)) == views


def test_without_a_mapping_each_class_is_a_view(plain: Findings) -> None:
    assert [view["name"] for view in threshold_views(plain, seed=0)] == ["bcc", "mel", "nv"]
