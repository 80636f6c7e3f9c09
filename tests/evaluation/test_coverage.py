"""Do the intervals enclose the truth for as many of the test sets that could have been drawn as they say?"""

import numpy as np
import pytest

from lightning_skin.evaluation.intervals import bootstrap_intervals
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions

LESIONS = (70, 40, 25)
"""Of each class, each with one to four images that resemble each other."""
TABLES = 2000
METRICS = ("accuracy", "balanced_accuracy", "auroc")


def drawn(lesions: tuple[int, ...], seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(sum(lesions)), rng.integers(1, 5, sum(lesions)))
    labels = np.repeat(np.arange(3), lesions)[groups]
    of_lesions, of_images = rng.normal(size=(sum(lesions), 3)), rng.normal(size=(len(groups), 3))
    logits = np.sqrt(0.7) * of_lesions[groups] + np.sqrt(0.3) * of_images
    # The frequent class is recognised best, and confidence is a little too high.
    logits = 1.3 * (logits + np.array([1.2, 0.9, 0.9]) * np.eye(3)[labels])
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    images = np.arange(len(groups)).astype(str)
    return Predictions(images, labels, probabilities, groups.astype(str), ("a", "b", "c"))


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    """The metrics of as good as all lesions, as often of each class as in the tables."""
    everything = drawn(tuple(2000 * count for count in LESIONS), seed=10**6)
    return classification_metrics(everything.labels, everything.probabilities, everything.class_names)


def coverage(tables: list[Predictions], truth: dict[str, float]) -> dict[str, float]:
    intervals = [bootstrap_intervals(table, resamples=500, seed=seed) for seed, table in enumerate(tables)]
    return {
        name: float(np.mean([one[name][0] <= truth[name] <= one[name][1] for one in intervals]))
        for name in intervals[0]
    }


@pytest.mark.slow
def test_nominal_95_percent_cover_93_to_97(truth: dict[str, float]) -> None:
    # Of 2000 tables, the standard error of a coverage of 95 % is 0.5 percentage points.
    found = coverage([drawn(LESIONS, seed) for seed in range(TABLES)], truth)
    assert {name: found[name] for name in METRICS} == pytest.approx(dict.fromkeys(METRICS, 0.95), abs=0.02)
    # The ends of the calibration error are further apart than needed, so that they hold where it is 0, too.
    assert found["ece"] >= 0.95


@pytest.mark.slow
def test_images_taken_for_lesions_would_cover_far_less(truth: dict[str, float]) -> None:
    tables = [drawn(LESIONS, seed) for seed in range(500)]
    alone = [
        Predictions(table.images, table.labels, table.probabilities, table.images, table.class_names)
        for table in tables
    ]
    found = coverage(alone, truth)
    assert max(found[name] for name in METRICS) < 0.92
