from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.common_images import on_common_images
from lightning_skin.evaluation.comparison.contender import pool_runs
from lightning_skin.evaluation.predictions import Predictions

Table = Callable[..., Predictions]


def marked(table: Predictions, rows: int) -> Predictions:
    """As if the first images had been trained on."""
    marks = np.where(np.arange(len(table.images)) < rows, "image", "")
    return replace(table, attributes={"trained_on": marks})


def test_images_that_one_was_trained_on_are_left_out_of_all(table: Table) -> None:
    folds = {"a": table(rows=6), "b": table(rows=6, start=6)}
    given = [pool_runs("A", {"r": marked(table(rows=12), 4)}), pool_runs("B", folds)]
    (first, second), left_out = on_common_images(given)
    assert left_out == 4
    assert len(first.tables[0].images) == len(second.tables[0].images) == 8
    assert [len(run.images) for run in second.runs] == [2, 6]
    assert first.runs == first.tables


def test_a_fold_of_which_nothing_is_new_is_no_run_of_it_any_more(table: Table) -> None:
    folds = pool_runs("B", {"a": table(rows=6), "b": table(rows=6, start=6), "c": table(rows=6, start=12)})
    (_, found), left_out = on_common_images([pool_runs("A", {"r": marked(table(rows=18), 6)}), folds])
    assert left_out == 6
    assert [run.images[0] for run in found.runs] == ["image_006.jpg", "image_012.jpg"]


def test_no_new_image_is_an_error(table: Table) -> None:
    given = [pool_runs(name, {name: marked(table(rows=6), rows)}) for name, rows in (("A", 6), ("B", 0))]
    with pytest.raises(InputError, match="every one of the 6 test images, or its lesion"):
        on_common_images(given)


def test_a_table_among_several_is_named_by_its_number(table: Table) -> None:
    seeds = {"p": table(rows=6), "q": replace(table(rows=6), labels=np.zeros(6, np.int64))}
    with pytest.raises(InputError, match="run 1 of A and run 2 of A were judged by different labels"):
        on_common_images([pool_runs("A", seeds)])
