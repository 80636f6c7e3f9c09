"""Decisions that weigh what each mistake costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.clustered import Mean, Share, clustered_mean, clustered_share
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray, IntArray


@dataclass(frozen=True)
class CostDecisions:
    """What the decisions of least expected cost would have cost.

    Attributes:
        cost: Mean cost of an image.
        cost_of_most_probable: The same where the most probable class is decided for.
        saved: Their paired difference, positive where weighing pays.
        changed: Images whose decision is another one.
        recall: Of each class's images, those decided for it, by name.
        recall_of_most_probable: The same where the most probable class is decided for.
    """

    cost: Mean
    cost_of_most_probable: Mean
    saved: Mean
    changed: Share
    recall: dict[str, Share]
    recall_of_most_probable: dict[str, Share]


def cost_matrix(costs: Mapping[str, Mapping[str, float]], class_names: Sequence[str]) -> FloatArray:
    """The cost of deciding for a class (column) where another is true (row), ``(C, C)``.

    Args:
        costs: By true class and class decided for, positive; a mistake that is not named costs 1.
        class_names: The C classes.

    Returns:
        Costs with a zero diagonal: right decisions cost nothing.

    Raises:
        InputError: A class is unknown, a cost is not a positive number, or a right decision has one.
    """
    matrix = 1 - np.eye(len(class_names))
    for true, row in costs.items():
        for decided, cost in row.items():
            for name in (true, decided):
                if name not in class_names:
                    raise InputError(f"costs: {name!r} is none of the classes {', '.join(class_names)}")
            if true == decided:
                raise InputError(f"costs: {true}.{decided} is {cost}, but right decisions cost nothing")
            if not isfinite(cost) or cost <= 0:
                raise InputError(f"costs: {true}.{decided} is {cost}, expected a positive number")
            matrix[class_names.index(true), class_names.index(decided)] = cost
    return matrix


def least_cost_classes(probabilities: FloatArray, costs: FloatArray) -> IntArray:
    """The class of least expected cost for each image (Elkan, IJCAI 2001, eq. 1); the first of equals.

    The expectation is only as good as the probabilities: they should be calibrated on validation images.

    Args:
        probabilities: Class probabilities ``(N, C)``.
        costs: From ``cost_matrix`` ``(C, C)``.

    Returns:
        Class indices ``(N,)``.
    """
    return (probabilities @ costs).argmin(axis=1)


def cost_decisions(predictions: Predictions, costs: FloatArray) -> CostDecisions:
    """Judge the decisions of least expected cost beside those for the most probable class.

    Args:
        predictions: Table to judge, of calibrated probabilities.
        costs: From ``cost_matrix`` ``(C, C)``.
    """
    labels, groups = predictions.labels, predictions.groups
    decided = least_cost_classes(predictions.probabilities, costs)
    paid, otherwise = costs[labels, decided], costs[labels, predictions.predicted]
    return CostDecisions(
        cost=clustered_mean(paid, groups),
        cost_of_most_probable=clustered_mean(otherwise, groups),
        saved=clustered_mean(otherwise - paid, groups),
        changed=clustered_share(decided != predictions.predicted, groups),
        recall=_recalls(predictions, decided),
        recall_of_most_probable=_recalls(predictions, predictions.predicted),
    )


def _recalls(predictions: Predictions, decided: IntArray) -> dict[str, Share]:
    found = {}
    for label, name in enumerate(predictions.class_names):
        rows = predictions.labels == label
        found[name] = clustered_share(decided[rows] == label, predictions.groups[rows])
    return found
