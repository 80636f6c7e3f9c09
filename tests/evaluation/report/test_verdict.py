from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.verdict import verdict
from lightning_skin.evaluation.summary import evaluate

NAMES = ("df", "mel", "nv")


def judged(labels: list[int], guesses: list[int], confidence: float, lesions: int | None = None) -> Findings:
    probabilities = np.full((len(labels), 3), (1 - confidence) / 2)
    probabilities[np.arange(len(labels)), guesses] = confidence
    images = [f"{row}.jpg" for row in range(len(labels))]
    groups = images if lesions is None else [str(row % lesions) for row in range(len(labels))]
    test = Predictions(images, labels, probabilities, groups, NAMES)
    return Findings(test=test, evaluation=evaluate(test, seed=0))


@pytest.fixture(scope="module")
def poor() -> Findings:
    """20 of 40 mel found, 14 of 20 nv; no df; too sure by 0.9 less 34 / 60."""
    labels = [1] * 40 + [2] * 20
    return judged(labels, [1] * 20 + [2] * 20 + [2] * 14 + [1] * 6, 0.9)


def test_how_good_it_is_stands_beside_guessing(poor: Findings) -> None:
    metrics = {"balanced_accuracy": 0.5, "accuracy": 2 / 3}
    said = verdict(replace(poor, baselines={"majority": metrics})).how_good
    low, high = poor.evaluation.intervals["balanced_accuracy"]
    assert said == (
        f"Balanced accuracy 0.600 (95 % interval {low:.3f} to {high:.3f}) on 60 test images; a guess that "
        "never looks at an image has 0.500. Accuracy 0.567, less than the 0.667 of always guessing the "
        "commonest class."
    )


def test_without_baselines_none_is_told(poor: Findings) -> None:
    assert verdict(poor).how_good.endswith("on 60 test images.")


def test_lesions_are_counted_where_they_are_known() -> None:
    assert (
        "on 4 test images of 2 lesions or patients"
        in verdict(judged([1, 2, 1, 2], [1, 2, 1, 2], 0.8, 2)).how_good
    )


def test_too_sure_is_told_and_a_small_class_too(poor: Findings) -> None:
    said = verdict(poor).how_sure
    assert said.startswith("Its probabilities are too high by 0.333 on average (calibration error 0.333).")
    low, high = poor.evaluation.intervals["recall_nv"]
    assert said.endswith(
        f"nv has 20 test images only: its recall of 0.700 may be anywhere from {low:.3f} to {high:.3f}."
    )
    assert "too low by 0.200" in verdict(judged([1, 2], [1, 2], 0.8)).how_sure
    assert "right on average" in verdict(judged([1, 2, 1, 2], [1, 2, 2, 1], 0.5)).how_sure


def test_where_it_fails(poor: Findings) -> None:
    low, high = poor.evaluation.intervals["recall_mel"]
    assert verdict(poor).where_it_fails == (
        f"Weakest class: mel, recall 0.500 (95 % interval {low:.3f} to {high:.3f}). Commonest mistake: mel "
        "taken for nv, 20 of 40. No test image shows df, about which nothing is known."
    )
    assert "No test image is guessed wrongly." in verdict(judged([0, 1, 2], [0, 1, 2], 0.9)).where_it_fails


def test_scaling_is_told(findings: Findings) -> None:
    after = findings.calibration.after.metrics["ece"]
    assert f", {after:.3f} after scaling fitted on validation images)" in verdict(findings).how_sure
