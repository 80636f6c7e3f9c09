import numpy as np
import pytest
from sklearn import metrics

from lightning_skin.evaluation.curves import Points, precision_recall_curve, roc_curve, thinned


def scored(size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """With ties."""
    generator = np.random.default_rng(0)
    positive = generator.random(size) < 0.3
    return np.round(generator.normal(size=size) + positive, 1), positive


def test_roc_curve_is_that_of_scikit_learn() -> None:
    scores, positive = scored()
    found = roc_curve(scores, positive)
    rates = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.x, rates[0])
    np.testing.assert_allclose(found.y, rates[1])


def test_area_under_the_steps_is_the_average_precision() -> None:
    scores, positive = scored()
    found = precision_recall_curve(scores, positive)
    assert (found.x[0], found.x[-1]) == (0, 1)
    area = float((np.diff(found.x) * found.y[1:]).sum())
    assert area == pytest.approx(metrics.average_precision_score(positive, scores))


def test_what_is_undefined_has_no_curve() -> None:
    scores = np.array([0.1, 0.9])
    assert roc_curve(scores, np.array([True, True])) is None
    assert roc_curve(scores, np.array([False, False])) is None
    assert precision_recall_curve(scores, np.array([False, False])) is None
    assert precision_recall_curve(scores, np.array([True, True])).y.tolist() == [1] * 4


def test_thinning_keeps_ends_and_shape() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random(20_000) < 0.5
    full = roc_curve(generator.normal(size=20_000) + positive, positive)
    found = thinned(full, 200)
    assert len(found.x) <= 201
    assert (found.x[0], found.y[0], found.x[-1], found.y[-1]) == (0, 0, 1, 1)
    assert np.abs(np.interp(full.x, found.x, found.y) - full.y).max() < 2 / 199
    short = Points(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert thinned(short, 200) is short
