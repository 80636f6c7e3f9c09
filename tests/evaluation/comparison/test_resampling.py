from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.evaluation.comparison.contender import Contender, pool_runs
from lightning_skin.evaluation.comparison.resampling import contender_scores, difference
from lightning_skin.evaluation.intervals import resampled_scores
from lightning_skin.evaluation.predictions import Predictions

Table = Callable[..., Predictions]


def test_the_p_value_is_the_level_at_which_the_interval_reaches_0() -> None:
    changes = np.concatenate([np.full(30, -1.0), np.full(969, 1.0), [np.nan]])
    found = difference(0.5, changes)
    assert found.p_value == pytest.approx(2 * 31 / 1000)
    assert found.interval == (-1.0, 1.0)
    assert difference(-0.5, -changes).p_value == found.p_value
    assert difference(1.0, np.ones(1999)).p_value == pytest.approx(2 / 2000)
    assert difference(0.0, np.zeros(9)).p_value == 1


def test_an_undefined_difference_has_no_p_value() -> None:
    assert np.isnan(difference(np.nan, np.ones(3)).p_value)
    assert np.isnan(difference(0.1, np.full(3, np.nan)).p_value)


def test_one_table_has_its_own_resamples(table: Table) -> None:
    one = table(rows=12)
    found = contender_scores(pool_runs("A", {"a": one}), seed=3, stream=1)
    np.testing.assert_array_equal(found["accuracy"], resampled_scores(one, seed=3)["accuracy"])


def always(table: Predictions, right: bool) -> Predictions:
    guesses = table.labels if right else (table.labels + 1) % 3
    return replace(table, probabilities=np.eye(3)[guesses])


def test_the_mean_over_seeds_varies_as_their_number_lets_it(table: Table) -> None:
    # Right or wrong on all images, so that only the draws of the seeds move the accuracy.
    sides = [always(table(rows=12), right) for right in (True, True, True, False)]
    seeds = Contender("A", tuple(sides), tuple(sides))
    accuracy = contender_scores(seeds, seed=0, stream=0)["accuracy"]
    assert accuracy.mean() == pytest.approx(0.75, abs=0.02)
    # The variance of a mean of four: that of the sample, 0.25, over four.
    assert accuracy.var() == pytest.approx(0.0625, rel=0.1)
    other = contender_scores(seeds, seed=0, stream=1)["accuracy"]
    assert not np.array_equal(accuracy, other)
