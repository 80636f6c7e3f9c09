"""How good the classifier is where it answers only what it is sure of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import digamma

from lightning_skin.evaluation.intervals import central_intervals, group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray, IntArray

COVERAGES = (0.8, 0.9)
BAND_COVERAGES = np.linspace(0.05, 1, 20)


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """What is gained by leaving the least certain images to somebody else.

    Attributes:
        coverages: Shares of the images that are answered ``(N,)``: 1 / N, 2 / N, ..., 1.
        risks: Share of wrong answers among the most confident of each number ``(N,)``.
        aurc: Mean of ``risks``: 0 where all is right, the error rate where confidence tells nothing.
        excess_aurc: How much of it another order of the same answers would have saved, at least 0.
        accuracy_at: Accuracy among the most confident images, by coverage (0.8 and 0.9).
        answered: Share of each class that these are, by coverage and class name; NaN for an absent class.
        intervals: 95 % intervals of ``aurc``, ``excess_aurc``, ``accuracy_at_80`` and ``accuracy_at_90``;
            without width where every answer is right.
        band: Coverage and the ends of the pointwise 95 % interval of the risk there ``(20, 3)``.
    """

    coverages: FloatArray
    risks: FloatArray
    aurc: float
    excess_aurc: float
    accuracy_at: Mapping[float, float]
    answered: Mapping[float, Mapping[str, float]]
    intervals: Mapping[str, tuple[float, float]]
    band: FloatArray

    def summary(self) -> dict[str, Any]:
        """The figures without the curve, of plain values and NaN."""
        accuracies = {_key(coverage): value for coverage, value in self.accuracy_at.items()}
        answered = {f"answered_at_{100 * key:.0f}": dict(value) for key, value in self.answered.items()}
        values = {"aurc": self.aurc, "excess_aurc": self.excess_aurc, **accuracies, **answered}
        return {**values, "intervals": dict(self.intervals)}


def risk_coverage(predictions: Predictions, *, seed: int, resamples: int = 2000) -> RiskCoverage:
    """The risk-coverage curve of a table (El-Yaniv and Wiener, JMLR 2010).

    Images are answered from the most to the least confident, confidence being the largest probability
    (Geifman and El-Yaniv, NeurIPS 2017). AURC is the mean risk over the coverages, and the excess what
    exceeds that of the best order, all right answers first (Geifman, Uziel and El-Yaniv, ICLR 2019).

    Images of equal confidence have no order: each figure is its mean over all their orders, so that
    neither the rows' order nor chance decides. The copies of an image in a resample are such equals.

    Args:
        predictions: Table to judge.
        seed: Seed of the bootstrap over groups, which draws as ``bootstrap_intervals`` does.
        resamples: Number of resamples.
    """
    ranking = _rank(predictions)
    resampled = _resampled(predictions, ranking, resamples, seed)
    ones = np.ones((1, len(predictions.labels)))
    observed, numbers = _curves(ranking, ones), 1 + np.arange(len(predictions.labels))
    wrong = np.interp(numbers, _with_zero(observed.answered[0]), _with_zero(observed.wrong[0]))
    aurc, best = _area(observed), _least_area(observed)
    right = 1 - _risks_at(observed, np.array(COVERAGES))[0]
    return RiskCoverage(
        coverages=numbers / len(numbers),
        risks=wrong / numbers,
        aurc=float(aurc[0]),
        excess_aurc=float(aurc[0] - best[0]),
        accuracy_at={coverage: float(value) for coverage, value in zip(COVERAGES, right, strict=True)},
        answered={coverage: _answered_classes(predictions, ranking, coverage) for coverage in COVERAGES},
        intervals=central_intervals({name: resampled[name] for name in resampled if name != "band"}),
        band=np.column_stack([BAND_COVERAGES, np.quantile(resampled["band"], (0.025, 0.975), axis=0).T]),
    )


class _Ranking(NamedTuple):
    """Rows from the most to the least confident, and which of them are equally so.

    Attributes:
        order: Rows ``(N,)``.
        last: Positions in ``order`` at which each block of equals ends ``(K,)``.
        wrong: 1 where the guess is wrong, in the order of the table ``(N,)``.
    """

    order: IntArray
    last: IntArray
    wrong: FloatArray


class _Curves(NamedTuple):
    """Weight answered, and answered wrongly, down to the end of each block of equals ``(R, K)``."""

    answered: FloatArray
    wrong: FloatArray


def _rank(predictions: Predictions) -> _Ranking:
    confidence = predictions.probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    last = np.flatnonzero(np.append(np.diff(confidence[order]) < 0, True))
    return _Ranking(order, last, (predictions.predicted != predictions.labels).astype(np.float64))


def _resampled(
    predictions: Predictions, ranking: _Ranking, resamples: int, seed: int
) -> dict[str, FloatArray]:
    parts: dict[str, list[FloatArray]] = {}
    for weights in group_resample_weights(predictions.labels, predictions.groups, resamples, seed):
        curves = _curves(ranking, weights)
        area = _area(curves)
        scores = {"aurc": area, "excess_aurc": area - _least_area(curves)}
        risks = _risks_at(curves, np.concatenate([COVERAGES, BAND_COVERAGES]))
        for index, coverage in enumerate(COVERAGES):
            scores[_key(coverage)] = 1 - risks[:, index]
        scores["band"] = risks[:, len(COVERAGES) :]
        for name, values in scores.items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _curves(ranking: _Ranking, weights: FloatArray) -> _Curves:
    sorted_weights = weights[:, ranking.order]
    answered = np.cumsum(sorted_weights, axis=1)[:, ranking.last]
    sorted_weights *= ranking.wrong[ranking.order]
    return _Curves(answered, np.cumsum(sorted_weights, axis=1)[:, ranking.last])


def _area(curves: _Curves) -> FloatArray:
    """AURC under weights ``(R,)``.

    Within a block of equals that holds ``w`` images, ``e`` of them wrong, after ``n`` images with ``m`` wrong
    ones, the expected risk of ``c`` images is ``(m + (c - n) e / w) / c``, whose sum over c is
    ``(m - n e / w) (H(n + w) - H(n)) + e`` with the harmonic numbers H. The digamma function continues these
    to the weights of resamples, which are not whole numbers; what it differs from them by cancels.
    """
    answered, wrong = curves
    images, errors = np.diff(answered, prepend=0), np.diff(wrong, prepend=0)
    rates = np.divide(errors, images, out=np.zeros_like(errors), where=images > 0)
    excess = (wrong - errors) - (answered - images) * rates
    harmonic = np.diff(digamma(1 + answered), prepend=digamma(1.0))
    return ((excess * harmonic).sum(axis=1) + wrong[:, -1]) / answered[:, -1]


def _least_area(curves: _Curves) -> FloatArray:
    """AURC with all wrong answers last ``(R,)``."""
    total, wrong = curves.answered[:, -1], curves.wrong[:, -1]
    right = total - wrong
    return (wrong - right * (digamma(1 + total) - digamma(1 + right))) / total


def _risks_at(curves: _Curves, coverages: FloatArray) -> FloatArray:
    """Risk at each coverage ``(R, K)``; what part of an image or of equals it takes, counts as that part."""
    rows = zip(curves.answered, curves.wrong, strict=True)
    found = []
    for answered, wrong in rows:
        weight = coverages * answered[-1]
        found.append(np.interp(weight, _with_zero(answered), _with_zero(wrong)) / weight)
    return np.array(found)


def _answered_classes(predictions: Predictions, ranking: _Ranking, coverage: float) -> dict[str, float]:
    ends = _with_zero(ranking.last.astype(np.float64) + 1)
    taken = np.clip((coverage * ends[-1] - ends[:-1]) / np.diff(ends), 0, 1)  # share of each block (K,)
    of_row = np.empty(len(ranking.order))
    of_row[ranking.order] = np.repeat(taken, np.diff(ends).astype(np.int64))
    num_classes = len(predictions.class_names)
    count = np.bincount(predictions.labels, minlength=num_classes)
    taken_count = np.bincount(predictions.labels, of_row, minlength=num_classes)
    shares = np.divide(taken_count, count, out=np.full(num_classes, np.nan), where=count > 0)
    return dict(zip(predictions.class_names, shares.tolist(), strict=True))


def _with_zero(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], values])


def _key(coverage: float) -> str:
    return f"accuracy_at_{100 * coverage:.0f}"
