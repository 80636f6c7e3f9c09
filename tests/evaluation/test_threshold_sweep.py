import numpy as np
import pytest

from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.threshold_sweep import THRESHOLDS, sweep_thresholds


def table(
    probabilities: list[list[float]], labels: list[int], groups: list[str] | None = None
) -> Predictions:
    images = [f"{row}.jpg" for row in range(len(labels))]
    return Predictions(images, labels, probabilities, groups or images, ("bcc", "mel", "nv"))


def at(threshold: float) -> int:
    return int(np.flatnonzero(np.isclose(THRESHOLDS, threshold))[0])


def test_images_at_or_above_a_threshold_are_counted() -> None:
    predictions = table(
        [[0.1, 0.2, 0.7], [0.1, 0.5, 0.4], [0.6, 0.3, 0.1], [0.0, 0.3, 0.7], [0.0, 0.0, 1.0]], [0, 1, 2, 2, 2]
    )
    sweep = sweep_thresholds(predictions, {"malignant": ["bcc", "mel"]}, resamples=10)["malignant"]
    assert (sweep.positives, sweep.negatives) == (2, 3)
    counted = {0.0: (2, 3), 0.3: (2, 2), 0.305: (1, 1), 0.6: (1, 1), 0.9: (0, 1), 0.905: (0, 0), 1.0: (0, 0)}
    found = {value: (sweep.found[at(value)], sweep.flagged[at(value)]) for value in counted}
    assert found == counted
    rates = {name: values[at(0.3)] for name, values in sweep.rates.items()}
    assert rates == pytest.approx({"sensitivity": 1, "specificity": 1 / 3, "ppv": 0.5, "npv": 1})
    assert np.isnan(sweep.rates["ppv"][at(1.0)])


def test_a_probability_that_float32_rounds_down_reaches_its_threshold() -> None:
    predictions = table([[0.1, 0.2, 0.7], [0.6, 0.2, 0.2]], [2, 0])
    assert predictions.probabilities[0, 2] < 0.7
    assert sweep_thresholds(predictions, {"nv": ["nv"]}, resamples=10)["nv"].found[at(0.7)] == 1


def test_intervals_are_those_of_the_group_bootstrap() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(3, size=90)
    probabilities = generator.dirichlet([1, 1, 1], 90)
    predictions = table(probabilities.tolist(), labels.tolist(), [str(row // 3) for row in range(90)])
    sweep = sweep_thresholds(predictions, {"mel": ["mel"]}, resamples=300, seed=5)["mel"]
    flagged, positive = predictions.probabilities[:, 1] >= 0.4, labels == 1
    weights = np.concatenate(list(group_resample_weights(labels, predictions.groups, 300, 5)))
    hits = (weights * (flagged & positive)).sum(axis=1)
    sensitivity = np.quantile(hits / (weights * positive).sum(axis=1), (0.025, 0.975))
    precision = np.quantile(hits / (weights * flagged).sum(axis=1), (0.025, 0.975))
    np.testing.assert_allclose(sweep.intervals["sensitivity"][at(0.4)], sensitivity)
    np.testing.assert_allclose(sweep.intervals["ppv"][at(0.4)], precision)


def test_views_that_hold_everything_or_nothing_are_left_out() -> None:
    predictions = table([[0.1, 0.2, 0.7], [0.1, 0.5, 0.4]], [1, 2])
    views = {"none": ["bcc"], "all": ["mel", "nv"], "mel": ["mel"]}
    assert list(sweep_thresholds(predictions, views, resamples=10)) == ["mel"]
