from collections.abc import Callable
from math import isnan

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from lightning_skin.evaluation.comparison.agreement import agreement, agreement_between, agreement_within
from lightning_skin.evaluation.predictions import Predictions


def test_share_and_kappa_are_those_of_scikit_learn() -> None:
    first, second = np.random.default_rng(0).integers(4, size=(2, 300))
    second[:150] = first[:150]
    found = agreement(first, second, 5)
    assert found.share == pytest.approx((first == second).mean())
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))


def test_kappa_is_0_by_chance_and_undefined_where_there_is_one_answer() -> None:
    assert agreement(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 2) == (0.5, 0.0)
    always = np.zeros(3, np.int64)
    assert agreement(always, always, 2).share == 1
    assert isnan(agreement(always, always, 2).kappa)


def test_several_networks_agree_on_average(table: Callable[..., Predictions]) -> None:
    tables = [table(seed=seed) for seed in range(3)]
    one, two, three = (found.predicted for found in tables)
    shares = [(one == two).mean(), (one == three).mean(), (two == three).mean()]
    within = agreement_within(tables)
    assert within is not None
    assert within.share == pytest.approx(np.mean(shares))
    assert agreement_within(tables[:1]) is None
    between = agreement_between(tables[:1], tables[1:])
    assert between.share == pytest.approx(np.mean(shares[:2]))
