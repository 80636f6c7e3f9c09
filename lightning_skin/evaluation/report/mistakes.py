"""Which mistakes a page shows."""

from collections import Counter

from lightning_skin.evaluation.pairs import Mistake, most_confident_mistakes
from lightning_skin.evaluation.predictions import Predictions

LISTED = 200
OF_A_PAIR = 5


def listed_mistakes(predictions: Predictions) -> list[Mistake]:
    """The most confident mistakes, and some of every two classes, so that none is without.

    Returns:
        The first ``LISTED`` of all and ``OF_A_PAIR`` of every true class and guess, the most confident first.
    """
    seen: Counter[tuple[str, str]] = Counter()
    listed = []
    for number, mistake in enumerate(most_confident_mistakes(predictions, len(predictions.labels))):
        pair = (mistake.label, mistake.predicted)
        if number < LISTED or seen[pair] < OF_A_PAIR:
            listed.append(mistake)
        seen[pair] += 1
    return listed
