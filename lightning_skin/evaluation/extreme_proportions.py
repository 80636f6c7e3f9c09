"""Intervals of proportions that were observed as 0 or 1, which resampling leaves without width."""

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.predictions import Predictions


def extreme_intervals(predictions: Predictions, *, level: float) -> dict[str, tuple[float, float]]:
    """Clopper and Pearson's intervals (Biometrika 1934) of proportions that are 0 or 1.

    Groups are the trials: images of one lesion or patient may all stand and fall together.

    Args:
        predictions: Table to judge.
        level: Confidence, in (0, 1).

    Returns:
        Lower and upper end of those of ``accuracy``, ``recall_<class>``, ``specificity_<class>``,
        ``precision_<class>`` and ``npv_<class>`` that are 0 or 1.
    """
    correct = predictions.predicted == predictions.labels
    found = {"accuracy": _interval(correct, predictions.groups, level)}
    for index, name in enumerate(predictions.class_names):
        truth, guess = predictions.labels == index, predictions.predicted == index
        for metric, asked, hit in (
            ("recall", truth, guess),
            ("specificity", ~truth, ~guess),
            ("precision", guess, truth),
            ("npv", ~guess, ~truth),
        ):
            found[f"{metric}_{name}"] = _interval(hit[asked], predictions.groups[asked], level)
    return {name: interval for name, interval in found.items() if interval is not None}


def _interval(hits: NDArray[np.bool_], groups: NDArray[np.str_], level: float) -> tuple[float, float] | None:
    if len(hits) == 0 or hits.any() != hits.all():
        return None
    furthest = float(((1 - level) / 2) ** (1 / len(np.unique(groups))))
    return (furthest, 1.0) if hits.all() else (0.0, 1 - furthest)
