"""Thresholds on the probability of malignancy, chosen on validation images and judged on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.clustered import Share, clustered_share
from lightning_skin.evaluation.malignancy import is_malignant, malignant_probability
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray

ROUNDING = 1e-9  # a rate of 0.7 of 10 images asks for 7, not for the 7.000000000000001 of their product


@dataclass(frozen=True)
class Target:
    """What a threshold is chosen for.

    Attributes:
        kind: ``sensitivity`` and ``specificity``: at least ``value`` of the validation images, and then as
            much of the other as can be had; ``miss_cost``: least cost, if a missed malignant image costs as
            much as ``value`` false alarms.
        value: In (0, 1] for a sensitivity or specificity, positive for a cost.

    Raises:
        InputError: The value is out of its range.
    """

    kind: Literal["sensitivity", "specificity", "miss_cost"]
    value: float

    def __post_init__(self) -> None:
        """Check the value."""
        most = np.inf if self.kind == "miss_cost" else 1.0
        if not (0 < self.value <= most and np.isfinite(self.value)):
            expected = "a positive number" if self.kind == "miss_cost" else "a number in (0, 1]"
            raise InputError(f"operating point: {self.kind} is {self.value}, expected {expected}")

    @property
    def name(self) -> str:
        """Key of the point, such as ``sensitivity_95``."""
        return f"{self.kind}_{self.value if self.kind == 'miss_cost' else 100 * self.value:g}"

    @property
    def title(self) -> str:
        """Name of the point for readers."""
        if self.kind == "miss_cost":
            return f"a miss costs {self.value:g} false alarms"
        return f"{self.kind} ≥ {100 * self.value:g} %"


@dataclass(frozen=True)
class Decisions:
    """What a threshold makes of a table.

    Attributes:
        sensitivity: Malignant images that are called malignant.
        specificity: Benign images that are called benign.
        ppv: Images called malignant that are; at the share of malignant images in the table.
        npv: Images called benign that are; likewise.
        flagged: Images called malignant.
    """

    sensitivity: Share
    specificity: Share
    ppv: Share
    npv: Share
    flagged: Share


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, what it was chosen for, and how it turned out.

    Attributes:
        name: Key, such as ``sensitivity_95``.
        title: Name for readers.
        threshold: Images at or above this malignant probability are called malignant.
        val: On the images it was chosen on: too good, as ever.
        test: On images it has not seen.
    """

    name: str
    title: str
    threshold: float
    val: Decisions
    test: Decisions


def operating_points(
    val: Predictions, test: Predictions, malignant: Sequence[str], targets: Sequence[Target]
) -> tuple[OperatingPoint, ...]:
    """Choose a threshold for each target on ``val``, and judge it on ``test``.

    Args:
        val: Images to choose on.
        test: Images of the same classifier to judge on; what has no image there is NaN.
        malignant: The malignant classes.
        targets: What to choose thresholds for.

    Raises:
        InputError: ``val`` holds no malignant or no benign image, or ``malignant`` names none of the classes,
            all of them, or others.
    """
    found = []
    for target in targets:
        threshold = choose_threshold(val, malignant, target)
        on_val, on_test = (decide(table, malignant, threshold) for table in (val, test))
        found.append(OperatingPoint(target.name, target.title, threshold, on_val, on_test))
    return tuple(found)


def choose_threshold(val: Predictions, malignant: Sequence[str], target: Target) -> float:
    """The threshold on the malignant probability that suits the target on these images.

    Args:
        val: Images to choose on.
        malignant: The malignant classes.
        target: For a sensitivity, the highest threshold that reaches it; for a specificity, the lowest; for a
            cost, the lowest of those with the least.

    Raises:
        InputError: The table holds no malignant or no benign image.
    """
    scores, positive = malignant_probability(val, malignant), is_malignant(val, malignant)
    if positive.all() or not positive.any():
        raise InputError(
            f"{positive.sum()} of {len(positive)} validation images are malignant, "
            "expected some malignant and some benign ones to choose a threshold on"
        )
    thresholds, missed, alarms = _mistakes(scores, positive)
    match target.kind:
        case "sensitivity":
            allowed = positive.sum() - missed >= target.value * positive.sum() - ROUNDING
            return float(thresholds[allowed].max())
        case "specificity":
            allowed = (~positive).sum() - alarms >= target.value * (~positive).sum() - ROUNDING
            return float(thresholds[allowed].min())
        case "miss_cost":
            return float(thresholds[np.argmin(target.value * missed + alarms)])


def decide(predictions: Predictions, malignant: Sequence[str], threshold: float) -> Decisions:
    """Call the images at or above a threshold malignant, and count.

    Args:
        predictions: Table to judge.
        malignant: The malignant classes.
        threshold: On the malignant probability.
    """
    flagged = malignant_probability(predictions, malignant) >= threshold
    positive, groups = is_malignant(predictions, malignant), predictions.groups
    return Decisions(
        sensitivity=clustered_share(flagged[positive], groups[positive]),
        specificity=clustered_share(~flagged[~positive], groups[~positive]),
        ppv=clustered_share(positive[flagged], groups[flagged]),
        npv=clustered_share(~positive[~flagged], groups[~flagged]),
        flagged=clustered_share(flagged, groups),
    )


def _mistakes(scores: FloatArray, positive: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Every threshold that differs in its mistakes, rising, and the misses and false alarms of each."""
    thresholds = np.unique(scores)
    # One at which nothing is called malignant.
    thresholds = np.append(thresholds, np.nextafter(thresholds[-1], np.inf))
    missed, passed = (
        np.searchsorted(np.sort(scores[kind]), thresholds).astype(np.float64)
        for kind in (positive, ~positive)
    )
    return thresholds, missed, (~positive).sum() - passed
