"""What a reader must not conclude from a run, as far as the run itself can tell."""

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.facts import RunFacts, shared_classes
from lightning_skin.evaluation.report.verdict import FEW

SKIN_TONE = ("skin_tone", "fitzpatrick", "fitzpatrick_skin_type", "fitspatrick", "skin_type", "phototype")
"""Names of columns under which data sets keep it, one of them misspelt by PAD-UFES-20."""


def limits(findings: Findings, facts: RunFacts) -> list[str]:
    """Sentences, the gravest first."""
    said = []
    test = findings.test
    if shared_classes(facts):
        said.append("Splits share lesions, patients or images (see Data): the scores are too good.")
    if facts.trained_on:
        said.append(
            f"{facts.trained_on:,} of the test images, or their lesion or patient, were trained on: the "
            "scores of all test images are too good."
        )
    counts = np.bincount(test.labels, minlength=len(test.class_names))
    few = [
        f"{name} ({count})" for name, count in zip(test.class_names, counts, strict=True) if 0 < count < FEW
    ]
    if few:
        said.append(f"Fewer than {FEW} test images: {', '.join(few)}. Their figures are rough.")
    absent = [name for name, count in zip(test.class_names, counts, strict=True) if not count]
    if absent:
        said.append(
            f"No test images: {', '.join(absent)}. "
            "Recall and AUROC are undefined for them and left out of means."
        )
    if (test.groups == test.images).all():
        said.append(
            "No lesions or patients are named: intervals take images for independent, and are too narrow if "
            "several show one lesion."
        )
    if not any(name in test.attributes for name in SKIN_TONE):
        said.append("Skin tone is not recorded: nothing is known about how the classifier does on any.")
    said.append(
        "Intervals say how far figures would move with other lesions of the same kind. They do not cover "
        "other clinics, cameras or populations, nor another training run."
    )
    said.append("Every image is forced into one of the classes, also one that shows something else.")
    return said
