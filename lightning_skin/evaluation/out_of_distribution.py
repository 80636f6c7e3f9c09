"""Whether the classifier tells images of classes it knows from those of none."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.intervals import central_intervals, group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.ranking import Ranking, auroc
from lightning_skin.evaluation.weighted import FloatArray

ACCEPTED = 0.95  # share of the known images that a detector must let through
ROUNDING = 1e-9  # of sums of weights


@dataclass(frozen=True)
class Detection:
    """How well a score tells known from unknown images.

    Attributes:
        auroc: Chance that a known image scores above an unknown one; 0.5 tells nothing.
        fpr_at_95_tpr: Share of the unknown images that are taken for known where at least 95 % of the known
            ones are: known is positive (Liang, Li and Srikant, ICLR 2018).
        intervals: 95 % intervals of both, over groups.
        known: Known images.
        unknown: Unknown images.
    """

    auroc: float
    fpr_at_95_tpr: float
    intervals: dict[str, tuple[float, float]]
    known: int
    unknown: int


def split_unknown(predictions: Predictions, name: str) -> tuple[Predictions, Predictions]:
    """Part a table into the images of the known classes and those of a class ``unknown``.

    The class itself is taken out of the probabilities, as if it had no logit: what is judged is whether the
    other classes give an unknown image away.

    Args:
        predictions: Table with the class and at least two others.
        name: The class that stands for everything else.

    Returns:
        Known and unknown images, of the other classes; labels of unknown images mean nothing and are 0.

    Raises:
        InputError: There is no such class, or no image of it, or none of another.
    """
    if name not in predictions.class_names:
        known = ", ".join(predictions.class_names)
        raise InputError(f"the class of unknown images, {name!r}, is none of the table's: {known}")
    unknown = predictions.labels == predictions.class_names.index(name)
    if unknown.all() or not unknown.any():
        raise InputError(
            f"{unknown.sum()} of {len(unknown)} images are of the class {name!r} of unknown images, "
            "expected some of it and some of others"
        )
    others = tuple(other for other in predictions.class_names if other != name)
    last = predictions.with_classes([*others, name])
    share = last.probabilities[:, :-1].sum(axis=1)  # (N,)
    # An image that is unknown for certain says nothing of the others.
    uniform = np.full((len(share), len(others)), 1 / len(others))
    rest = np.divide(last.probabilities[:, :-1], share[:, None], out=uniform, where=share[:, None] > 0)
    rest_of_sum = np.log(np.maximum(share, np.finfo(np.float32).tiny))
    log_sum_exp = None if last.log_sum_exp is None else last.log_sum_exp + rest_of_sum
    without = replace(
        last,
        labels=np.where(unknown, 0, last.labels),
        probabilities=rest,
        log_sum_exp=log_sum_exp,
        class_names=others,
    )
    return without.subset(~unknown), without.subset(unknown)


def out_of_distribution(
    known: Predictions, unknown: Predictions, *, seed: int, resamples: int = 2000
) -> dict[str, Detection]:
    """Judge three scores that are high for images like the training images.

    - ``max_softmax``: the largest probability (Hendrycks and Gimpel, ICLR 2017).
    - ``max_logit``: the largest logit (Hendrycks et al., ICML 2022).
    - ``energy``: the log-sum-exp of the logits, which is the negative energy (Liu et al., NeurIPS 2020).

    Args:
        known: Images of the known classes.
        unknown: Images of none of them, scored by the same classifier; their labels are not looked at.
        seed: Seed of the bootstrap over groups, those of known and unknown images each as many as there are.
        resamples: Number of resamples.

    Returns:
        By score; ``max_softmax`` alone where a table lacks the log-sum-exp.

    Raises:
        InputError: The tables are of other classes.
    """
    if known.class_names != unknown.class_names:
        raise InputError(
            f"the known images have the classes {', '.join(known.class_names)}, the unknown ones "
            f"{', '.join(unknown.class_names)}: give two tables of the same classifier"
        )
    is_unknown = np.repeat([0, 1], [len(known.labels), len(unknown.labels)])
    groups = np.concatenate([known.groups, unknown.groups])
    scores = _scores(known, unknown)
    ones = np.ones((1, len(is_unknown)))
    observed = {name: _detect(values, is_unknown == 1, ones) for name, values in scores.items()}
    draws = [
        {name: _detect(values, is_unknown == 1, weights) for name, values in scores.items()}
        for weights in group_resample_weights(is_unknown, groups, resamples, seed)
    ]
    return {
        name: Detection(
            **{metric: float(value[0]) for metric, value in found.items()},
            intervals=central_intervals(
                {metric: np.concatenate([draw[name][metric] for draw in draws]) for metric in found}
            ),
            known=len(known.labels),
            unknown=len(unknown.labels),
        )
        for name, found in observed.items()
    }


def _scores(known: Predictions, unknown: Predictions) -> dict[str, FloatArray]:
    """Each score of all known and then all unknown images ``(N,)``."""
    probability = np.concatenate([table.probabilities.max(axis=1) for table in (known, unknown)])
    scores = {"max_softmax": probability}
    if known.log_sum_exp is not None and unknown.log_sum_exp is not None:
        log_sum_exp = np.concatenate([known.log_sum_exp, unknown.log_sum_exp])
        scores["max_logit"] = np.log(probability) + log_sum_exp
        scores["energy"] = log_sum_exp
    return scores


def _detect(scores: FloatArray, unknown: NDArray[np.bool_], weights: FloatArray) -> dict[str, FloatArray]:
    """AUROC and FPR at 95 % TPR under weights ``(R, N)``, each ``(R,)``; equal scores go together."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(scores[order][1:] < scores[order][:-1], True))
    known, strange = (np.cumsum((weights * part)[:, order], axis=1)[:, last] for part in (~unknown, unknown))
    threshold = (known >= ACCEPTED * known[:, -1:] - ROUNDING).argmax(axis=1)[:, None]
    passed = np.take_along_axis(strange, threshold, axis=1)[:, 0]
    # Where each group holds images of both kinds, a resample may lack one of them.
    both = (known[:, -1] > 0) & (strange[:, -1] > 0)
    wrongly = np.divide(passed, strange[:, -1], out=np.full(len(weights), np.nan), where=both)
    area = auroc(Ranking(scores, ~unknown).curve(weights))
    return {"auroc": area, "fpr_at_95_tpr": wrongly}
