"""Labels that differ only in case."""

import logging
from collections import Counter

import pandas as pd

from lightning_skin.data.examples import first_few

logger = logging.getLogger(__name__)


def one_spelling(labels: "pd.Series[str]", origin: object) -> "pd.Series[str]":
    """Join labels that differ in case only, such as those of ``train/MEL`` and ``test/mel``.

    They are one class on file systems that ignore case, and no collection tells classes apart by case.

    Args:
        labels: Of images.
        origin: Where they come from, for the warning.

    Returns:
        The labels, each in the spelling that most images have; in lower case where as many have another.
    """
    counts = Counter(labels)
    spellings: dict[str, list[str]] = {}
    for name in sorted(counts, key=lambda name: (counts[name], name), reverse=True):
        spellings.setdefault(name.casefold(), []).append(name)
    joined = [names for names in spellings.values() if len(names) > 1]
    for names in joined:
        logger.warning(
            "Labels %s of %s differ in case only and are taken as %s", first_few(names), origin, names[0]
        )
    chosen = {name: names[0] for names in joined for name in names[1:]}
    return labels.replace(chosen) if chosen else labels
