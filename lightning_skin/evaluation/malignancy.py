"""Malignant against benign: the probabilities of the malignant classes added up, and judged as one score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.intervals import central_intervals, group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.ranking import (
    Curve,
    FloatArray,
    Ranking,
    auroc,
    average_precision,
    partial_auc,
    sensitivity_at,
    specificity_at,
)

MIN_TPR = 0.80
"""Of ISIC 2024."""


@dataclass(frozen=True)
class MalignancyView:
    """How well the malignant classes together are told from all others.

    Attributes:
        classes: The malignant ones, in the order of the table.
        metrics: ``auroc``, ``average_precision``, ``partial_auc`` (the area above ``min_tpr``, in
            [0, 1 - min_tpr]), ``sensitivity_at_90_specificity``, ``sensitivity_at_95_specificity`` and the
            reverse, the best that a threshold reaches on these very images; ``prevalence`` (share of the
            malignant images), ``count_malignant`` and ``count_benign``. NaN where there are none of either.
        intervals: 95 % intervals of the metrics but the last three, which the resamples keep.
        min_tpr: True-positive rate above which ``partial_auc`` counts.
    """

    classes: tuple[str, ...]
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    min_tpr: float = MIN_TPR


def malignancy_view(
    predictions: Predictions,
    malignant: Sequence[str],
    *,
    min_tpr: float = MIN_TPR,
    seed: int,
    resamples: int = 2000,
) -> MalignancyView:
    """Judge the sum of the probabilities of the malignant classes, or of one: ``["mel"]`` for melanoma.

    Intervals come from the resamples of ``bootstrap_intervals``. The operating points choose their threshold
    on the images that they are measured on, and anew in each resample: they compare classifiers, and are no
    promise for a threshold that is fixed before.

    Args:
        predictions: Table to judge.
        malignant: Names of the malignant classes.
        min_tpr: For the partial AUC, in [0, 1).
        seed: Of the bootstrap.
        resamples: Number of resamples, positive.

    Raises:
        InputError: A name is none of the classes, or none or all of them are named.
    """
    scores, positive = malignant_probability(predictions, malignant), is_malignant(predictions, malignant)
    ranking = Ranking(scores, positive)
    draws = group_resample_weights(predictions.labels, predictions.groups, resamples, seed)
    chunks = [_metrics(ranking.curve(weights), min_tpr) for weights in draws]
    resampled = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
    found = _metrics(ranking.curve(np.ones(len(scores))), min_tpr)
    metrics = {name: float(value) for name, value in found.items()}
    metrics["prevalence"] = float(positive.mean())
    metrics["count_malignant"], metrics["count_benign"] = float(positive.sum()), float((~positive).sum())
    classes = tuple(name for name in predictions.class_names if name in malignant)
    return MalignancyView(classes, metrics, central_intervals(resampled), min_tpr)


def malignant_probability(predictions: Predictions, malignant: Sequence[str]) -> FloatArray:
    """Probability that each image shows one of the malignant classes ``(N,)``.

    Raises:
        InputError: A name is none of the classes, or none or all of them are named.
    """
    return predictions.probabilities[:, _columns(predictions.class_names, malignant)].sum(axis=1)


def is_malignant(predictions: Predictions, malignant: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each image truly shows one of the malignant classes ``(N,)``.

    Raises:
        InputError: A name is none of the classes, or none or all of them are named.
    """
    return np.isin(predictions.labels, _columns(predictions.class_names, malignant))


def _columns(class_names: Sequence[str], malignant: Sequence[str]) -> list[int]:
    if unknown := sorted(set(malignant) - set(class_names)):
        raise InputError(
            f"{', '.join(unknown)} is to be malignant, but the classes are {', '.join(class_names)}; "
            "mend data.malignant"
        )
    columns = [index for index, name in enumerate(class_names) if name in malignant]
    if len(columns) in (0, len(class_names)):
        which = "no class" if not columns else "every class"
        raise InputError(
            f"{which} of {', '.join(class_names)} is malignant, expected some of them: mend data.malignant"
        )
    return columns


def _metrics(curve: Curve, min_tpr: float) -> dict[str, FloatArray]:
    found = {
        "auroc": auroc(curve),
        "average_precision": average_precision(curve),
        "partial_auc": partial_auc(curve, min_tpr),
    }
    for percent in (90, 95):
        found[f"sensitivity_at_{percent}_specificity"] = sensitivity_at(curve, percent / 100)
        found[f"specificity_at_{percent}_sensitivity"] = specificity_at(curve, percent / 100)
    return found
