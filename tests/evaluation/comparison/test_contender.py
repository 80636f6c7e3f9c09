from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.contender import pool_runs
from lightning_skin.evaluation.predictions import Predictions

Table = Callable[..., Predictions]


def test_one_run_is_itself(table: Table) -> None:
    found = pool_runs("A", {"a": table()})
    assert (found.pooling, found.counted, len(found.tables)) == ("none", "1", 1)


def test_seeds_stay_apart(table: Table) -> None:
    tables = [table(seed=seed) for seed in range(3)]
    found = pool_runs("A", dict(zip("abc", tables, strict=True)))
    assert (found.pooling, found.counted) == ("seeds", "3 seeds")
    assert found.tables == tuple(tables)


def test_folds_are_pooled_out_of_fold(table: Table) -> None:
    folds = {name: table(rows=6, start=start) for name, start in (("a", 0), ("b", 6), ("c", 12))}
    folds["b"] = folds["b"].with_classes(["nv", "mel", "bkl"])
    found = pool_runs("A", folds)
    assert (found.pooling, found.counted) == ("folds", "3 folds")
    (pooled,) = found.tables
    assert pooled.images.tolist() == [f"image_{number:03}.jpg" for number in range(18)]
    np.testing.assert_array_equal(pooled.labels, table(rows=18).labels)


def test_a_repeated_cross_validation_gives_a_table_for_each_seed(table: Table) -> None:
    runs = {f"{seed}/{start}": table(seed=seed, rows=6, start=start) for seed in (0, 1) for start in (0, 6)}
    found = pool_runs("A", runs)
    assert (found.pooling, found.counted) == ("folds", "2 folds × 2 seeds")
    assert [len(one.images) for one in found.tables] == [12, 12]
    np.testing.assert_array_equal(found.tables[1].probabilities[:6], runs["1/0"].probabilities)


def test_splits_that_moved_with_the_seed_are_refused(table: Table) -> None:
    message = r"a and b, pooled as A, have 6 and 6 test images, of which 2 are the same, .* data\.seed=0"
    with pytest.raises(InputError, match=message):
        pool_runs("A", {"a": table(rows=6), "b": table(rows=6, start=4)})


def test_a_missing_fold_of_one_seed_is_refused(table: Table) -> None:
    runs = {"a": table(rows=6), "b": table(rows=6, start=6), "c": table(seed=1, rows=6)}
    with pytest.raises(InputError, match="different numbers of runs: 2 of the fold of a, 1 of the fold of b"):
        pool_runs("A", runs)


def test_folds_of_other_classes_are_refused(table: Table) -> None:
    other = replace(table(rows=6, start=6), class_names=("bkl", "mel", "naevus"))
    with pytest.raises(InputError, match="the folds of A have different classes"):
        pool_runs("A", {"a": table(rows=6), "b": other})
