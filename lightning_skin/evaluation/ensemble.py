"""Several networks as one: their predictions tables averaged or pooled, and how far they lie apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray


def average(tables: Sequence[Predictions]) -> Predictions:
    """The mean of the probabilities that several networks give to the same images, and of their log-sum-exps.

    Args:
        tables: Of the same images in the same order, at least one.

    Raises:
        ValueError: Images, labels, groups or classes differ.
    """
    first = tables[0]
    for table in tables[1:]:
        first.require_same_images(table)
    return replace(
        first,
        probabilities=np.mean([table.probabilities for table in tables], axis=0),
        log_sum_exp=_of_all(tables, _mean),
    )


def pool(tables: Sequence[Predictions]) -> Predictions:
    """One table of all images of several, such as those of the rounds of a cross-validation.

    Args:
        tables: Of the same classes and of different images, at least one.

    Raises:
        InputError: An image is in two of them.
    """
    columns = ("images", "labels", "probabilities", "groups")
    joined = {name: np.concatenate([getattr(table, name) for table in tables]) for name in columns}
    names = dict.fromkeys(name for table in tables for name in table.attributes)
    return Predictions(
        **joined,
        class_names=tables[0].class_names,
        log_sum_exp=_of_all(tables, np.concatenate),
        attributes={name: np.concatenate([_attribute(table, name) for table in tables]) for name in names},
    )


def mean_and_deviation(
    members: Sequence[Mapping[str, float]],
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and sample standard deviation of each metric over at least two networks.

    Where a metric is undefined for a network, it is for both.
    """
    values = {name: np.array([member[name] for member in members]) for name in members[0]}
    mean = {name: float(of_all.mean()) for name, of_all in values.items()}
    return mean, {name: float(of_all.std(ddof=1)) for name, of_all in values.items()}


def _of_all(
    tables: Sequence[Predictions], combine: Callable[[list[FloatArray]], FloatArray]
) -> FloatArray | None:
    """The log-sum-exps of all tables as one; ``None`` where one of them has none."""
    known = [table.log_sum_exp for table in tables if table.log_sum_exp is not None]
    return combine(known) if len(known) == len(tables) else None


def _mean(columns: list[FloatArray]) -> FloatArray:
    mean: FloatArray = np.mean(columns, axis=0)
    return mean


def _attribute(table: Predictions, name: str) -> NDArray[np.str_]:
    return table.attributes.get(name, np.full(len(table.images), ""))
