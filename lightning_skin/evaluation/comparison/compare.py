"""Contenders on the same images, each with the first or each with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from lightning_skin.evaluation.comparison.agreement import Agreement, agreement_between
from lightning_skin.evaluation.comparison.common_images import on_common_images
from lightning_skin.evaluation.comparison.confusion import Move, moves
from lightning_skin.evaluation.comparison.contender import Contender
from lightning_skin.evaluation.comparison.delong import AurocDifference, auroc_difference
from lightning_skin.evaluation.comparison.holm import holm
from lightning_skin.evaluation.comparison.mcnemar import McNemar, mcnemar
from lightning_skin.evaluation.comparison.resampling import Difference, contender_scores, difference
from lightning_skin.evaluation.ensemble import mean_and_deviation
from lightning_skin.evaluation.intervals import central_intervals, score_intervals
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.evaluation.weighted import FloatArray
from lightning_skin.progress import track

HEADLINES = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "auroc": "AUROC (macro)",
    "average_precision": "Average precision (macro)",
    "f1_macro": "F1 (macro)",
    "mcc": "Matthews correlation",
    "nll": "Log loss",
    "brier": "Brier score",
    "ece": "Calibration error",
}
"""Metrics of all classes that contenders are compared by."""
DECISIVE = "balanced_accuracy"
"""The metric that is named beforehand as the one that decides."""
LOWER_IS_BETTER = ("nll", "brier", "ece")

Scores = dict[str, FloatArray]


@dataclass(frozen=True)
class Standing:
    """How good a contender is.

    Attributes:
        contender: On the images of the comparison.
        evaluation: Of its one table of all test images, or the mean over several.
        over_runs: Mean and standard deviation of the metrics over its runs; ``None`` where it has one.
    """

    contender: Contender
    evaluation: Evaluation
    over_runs: tuple[dict[str, float], dict[str, float]] | None


@dataclass(frozen=True)
class Pair:
    """Two contenders, the second against the first.

    What is said of single guesses takes one network on each side, and so one table of all test images.

    Attributes:
        first: Its place among the contenders.
        second: Likewise.
        differences: Of each metric, by paired resamples.
        aurocs: Of each class against all others, by DeLong's test; empty where a side has several tables.
        mcnemar: ``None`` where a side has several tables.
        agreement: Of their guesses.
        moves: Guesses that differ; ``None`` where a side has several tables.
    """

    first: int
    second: int
    differences: dict[str, Difference]
    aurocs: dict[str, AurocDifference]
    mcnemar: McNemar | None
    agreement: Agreement
    moves: list[Move] | None


class Comparison(NamedTuple):
    """Contenders compared.

    Attributes:
        standings: One for each contender.
        pairs: Those that were compared.
        adjusted: Holm-adjusted p-values of each pair: of ``HEADLINES`` and of the recalls under their names,
            of DeLong's test under ``delong_<class>``, of McNemar's under ``mid_p`` and ``grouped``.
        resamples: Of the bootstrap.
        left_out: Images that are not compared, since a network was trained on them.
    """

    standings: list[Standing]
    pairs: list[Pair]
    adjusted: list[dict[str, float]]
    resamples: int
    left_out: int


def compare_contenders(
    contenders: Sequence[Contender], which: Literal["first", "all"], *, seed: int
) -> Comparison:
    """Compare contenders on the images that are new to all of them.

    Args:
        contenders: With different names, at least one; one alone is only judged.
        which: Each with the ``first``, or ``all`` with each other.
        seed: Of the bootstrap.

    Raises:
        InputError: They were tested on different images, or no image is new to all.
    """
    contenders, left_out = on_common_images(contenders)
    scores = [
        contender_scores(contender, seed=seed, stream=place)
        for place, contender in enumerate(track(contenders, "Resampling"))
    ]
    standings = [_standing(*each, seed) for each in zip(contenders, scores, strict=True)]
    places = range(len(contenders))
    chosen = list(combinations(places, 2)) if which == "all" else [(0, place) for place in places[1:]]
    pairs = [_pair(standings, scores, *places) for places in chosen]
    resamples = len(scores[0][DECISIVE])
    return Comparison(standings, pairs, _adjusted(pairs), resamples, left_out)


def _standing(contender: Contender, scores: Scores, seed: int) -> Standing:
    of_tables = [_metrics(table) for table in contender.tables]
    metrics = of_tables[0] if len(of_tables) == 1 else mean_and_deviation(of_tables)[0]
    over_runs = None
    if len(contender.runs) > 1:
        over_runs = mean_and_deviation([_metrics(table) for table in contender.runs])
    return Standing(contender, Evaluation(metrics, _intervals(contender, scores, seed)), over_runs)


def _intervals(contender: Contender, scores: Scores, seed: int) -> dict[str, tuple[float, float]]:
    """Those of any other mode for one table; of the mean over several, percentiles."""
    if len(contender.tables) == 1:
        return score_intervals(contender.tables[0], scores, seed=seed)
    return central_intervals(scores)


def _metrics(table: Predictions) -> dict[str, float]:
    return classification_metrics(table.labels, table.probabilities, table.class_names)


def _pair(standings: Sequence[Standing], scores: Sequence[Scores], first: int, second: int) -> Pair:
    before, after = (standings[place].evaluation.metrics for place in (first, second))
    differences = {
        name: difference(after[name] - before[name], scores[second][name] - scores[first][name])
        for name in scores[first]
    }
    tables = [standings[place].contender.tables for place in (first, second)]
    agreed = agreement_between(*tables)
    if any(len(of_side) > 1 for of_side in tables):
        return Pair(first, second, differences, {}, None, agreed, None)
    one, other = (of_side[0] for of_side in tables)
    return Pair(
        first,
        second,
        differences,
        aurocs=_aurocs(one, other),
        mcnemar=mcnemar(one.predicted == one.labels, other.predicted == other.labels, one.groups),
        agreement=agreed,
        moves=moves(one, other),
    )


def _aurocs(first: Predictions, second: Predictions) -> dict[str, AurocDifference]:
    sides = zip(first.probabilities.T, second.probabilities.T, strict=True)
    return {
        name: auroc_difference(first.labels == place, *scores, first.groups)
        for place, (name, scores) in enumerate(zip(first.class_names, sides, strict=True))
    }


def _adjusted(pairs: Sequence[Pair]) -> list[dict[str, float]]:
    """Adjust what belongs together over all pairs."""
    adjusted: list[dict[str, float]] = [{} for _ in pairs]
    tables = [_families(pair) for pair in pairs]
    for family in tables[0] if tables else ():
        keys = [(place, name) for place, table in enumerate(tables) for name in table[family]]
        p_values = holm([tables[place][family][name] for place, name in keys])
        for (place, name), p_value in zip(keys, p_values, strict=True):
            adjusted[place][name] = p_value
    return adjusted


def _families(pair: Pair) -> dict[str, dict[str, float]]:
    """The p-values that are adjusted together: the decisive one apart from others, each table apart."""
    of_metrics = {name: found.p_value for name, found in pair.differences.items()}
    test = pair.mcnemar
    return {
        "decisive": {DECISIVE: of_metrics[DECISIVE]},
        "headlines": {
            name: of_metrics[name] for name in HEADLINES if name in of_metrics and name != DECISIVE
        },
        "recalls": {name: p_value for name, p_value in of_metrics.items() if name.startswith("recall_")},
        "delong": {f"delong_{name}": found.p_value for name, found in pair.aurocs.items()},
        "mid_p": {} if test is None else {"mid_p": test.mid_p},
        "grouped": {} if test is None else {"grouped": test.grouped},
    }
