"""Contenders on the images that all of them can be compared by."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.contender import Contender
from lightning_skin.evaluation.comparison.same_images import align, new_to_all
from lightning_skin.evaluation.predictions import Predictions


def on_common_images(contenders: Sequence[Contender]) -> tuple[list[Contender], int]:
    """Bring contenders to the same rows, less the images that a network was trained on.

    Args:
        contenders: With different names, at least one.

    Returns:
        The contenders, and how many images are left out.

    Raises:
        InputError: They were tested on different images, or no image is new to all.
    """
    named = {
        (contender.name if len(contender.tables) == 1 else f"run {number} of {contender.name}"): table
        for contender in contenders
        for number, table in enumerate(contender.tables, start=1)
    }
    aligned = align(named)
    new = new_to_all(aligned)
    if not new.any():
        raise InputError(
            f"every one of the {len(new)} test images, or its lesion or patient, was trained on by one of "
            "the networks (trained_on in predictions/test.csv), expected images that are new to all"
        )
    tables = iter([table.subset(new) for table in aligned])
    kept = aligned[0].images[new]
    return [_with_tables(contender, tables, kept) for contender in contenders], int((~new).sum())


def _with_tables(contender: Contender, tables: Iterator[Predictions], kept: NDArray[np.str_]) -> Contender:
    own = tuple(next(tables) for _ in contender.tables)
    if contender.pooling != "folds":
        return replace(contender, tables=own, runs=own)
    of_runs = [(run, np.isin(run.images, kept)) for run in contender.runs]
    return replace(contender, tables=own, runs=tuple(run.subset(rows) for run, rows in of_runs if rows.any()))
