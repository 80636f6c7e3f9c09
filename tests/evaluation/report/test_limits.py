from dataclasses import replace

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.facts import Leak, RunFacts
from lightning_skin.evaluation.report.limits import limits


def test_leaks_come_first(findings: Findings, facts: RunFacts) -> None:
    leaking = replace(facts, leaks=[Leak("train and test", "mel", 2, 9, 0)], trained_on=7)
    said = limits(findings, leaking)
    assert said[0].startswith("Splits share lesions")
    assert said[1].startswith("7 of the test images")
    assert not [line for line in limits(findings, facts) if "too good" in line]


def test_few_and_no_images_of_a_class_are_told(findings: Findings, facts: RunFacts) -> None:
    rows = np.flatnonzero(findings.test.labels == 1)
    chosen = (findings.test.labels == 2) | np.isin(np.arange(240), rows[:5])
    said = " ".join(limits(replace(findings, test=findings.test.subset(chosen)), facts))
    assert "Fewer than 30 test images: mel (5)." in said
    assert "No test images: bcc." in said


def test_skin_tone_and_lesions_are_asked_for(findings: Findings, facts: RunFacts) -> None:
    said = " ".join(limits(findings, facts))
    assert "Skin tone is not recorded" in said
    assert "No lesions or patients are named" not in said
    toned = replace(
        findings.test,
        groups=findings.test.images,
        attributes={**findings.test.attributes, "fitspatrick": np.full(240, "2")},
    )
    said = " ".join(limits(replace(findings, test=toned), facts))
    assert "Skin tone" not in said
    assert "No lesions or patients are named" in said
