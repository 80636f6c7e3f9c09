"""Contenders on the same images, each with the first or each with each."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from lightning_skin.evaluation.comparison.adjustment import adjusted_p_values
from lightning_skin.evaluation.comparison.agreement import agreement_between
from lightning_skin.evaluation.comparison.common_images import on_common_images
from lightning_skin.evaluation.comparison.confusion import moves
from lightning_skin.evaluation.comparison.contender import Contender
from lightning_skin.evaluation.comparison.delong import AurocDifference, auroc_difference
from lightning_skin.evaluation.comparison.mcnemar import mcnemar
from lightning_skin.evaluation.comparison.resampling import contender_scores, difference
from lightning_skin.evaluation.comparison.result import DECISIVE, Comparison, Pair, Standing
from lightning_skin.evaluation.ensemble import mean_and_deviation
from lightning_skin.evaluation.intervals import central_intervals, score_intervals
from lightning_skin.evaluation.malignancy import is_malignant, malignant_probability
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.evaluation.weighted import FloatArray
from lightning_skin.progress import track

Scores = dict[str, FloatArray]


def compare_contenders(
    contenders: Sequence[Contender],
    which: Literal["first", "all"],
    *,
    malignant: Sequence[str] = (),
    seed: int,
) -> Comparison:
    """Compare contenders on the images that are new to all of them.

    Args:
        contenders: With different names, at least one; one alone is only judged.
        which: Each with the ``first``, or ``all`` with each other.
        malignant: Classes that are also judged together, against all others; none where they are not known.
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
    pairs = [_pair(standings, scores, malignant, *places) for places in chosen]
    resamples = len(scores[0][DECISIVE])
    return Comparison(standings, pairs, adjusted_p_values(pairs), resamples, left_out)


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


def _pair(
    standings: Sequence[Standing],
    scores: Sequence[Scores],
    malignant: Sequence[str],
    first: int,
    second: int,
) -> Pair:
    before, after = (standings[place].evaluation.metrics for place in (first, second))
    differences = {
        name: difference(after[name] - before[name], scores[second][name] - scores[first][name])
        for name in scores[first]
    }
    tables = [standings[place].contender.tables for place in (first, second)]
    agreed = agreement_between(*tables)
    if any(len(of_side) > 1 for of_side in tables):
        return Pair(first, second, differences, {}, None, None, agreed, None)
    one, other = (of_side[0] for of_side in tables)
    return Pair(
        first,
        second,
        differences,
        aurocs=_aurocs(one, other),
        malignant=_malignant(one, other, malignant) if malignant else None,
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


def _malignant(first: Predictions, second: Predictions, malignant: Sequence[str]) -> AurocDifference:
    before, after = (malignant_probability(table, malignant) for table in (first, second))
    return auroc_difference(is_malignant(first, malignant), before, after, first.groups)
