"""The p-values of all pairs, adjusted for their number."""

from collections.abc import Sequence

from lightning_skin.evaluation.comparison.holm import holm
from lightning_skin.evaluation.comparison.result import DECISIVE, HEADLINES, Pair


def adjusted_p_values(pairs: Sequence[Pair]) -> list[dict[str, float]]:
    """Adjust what belongs together over all pairs, by Holm's method.

    Args:
        pairs: Those that were compared.

    Returns:
        For each pair the adjusted p-values under the names that ``Comparison`` lists.
    """
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
        "malignant": {} if pair.malignant is None else {"malignant": pair.malignant.p_value},
        "mid_p": {} if test is None else {"mid_p": test.mid_p},
        "grouped": {} if test is None else {"grouped": test.grouped},
    }
