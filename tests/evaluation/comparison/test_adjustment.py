import pytest

from lightning_skin.evaluation.comparison.holm import holm
from lightning_skin.evaluation.comparison.result import DECISIVE, HEADLINES, Comparison


def test_p_values_of_one_table_are_adjusted_over_all_pairs(comparison: Comparison) -> None:
    names = [name for name in HEADLINES if name in comparison.pairs[0].differences and name != DECISIVE]
    raw = [pair.differences[name].p_value for pair in comparison.pairs for name in names]
    found = [adjusted[name] for adjusted in comparison.adjusted for name in names]
    assert found == pytest.approx(holm(raw))
    decisive = [pair.differences[DECISIVE].p_value for pair in comparison.pairs]
    assert [adjusted[DECISIVE] for adjusted in comparison.adjusted] == pytest.approx(holm(decisive))
    single = comparison.pairs[0]
    of_classes = [comparison.adjusted[0][f"delong_{name}"] for name in single.aurocs]
    assert of_classes == pytest.approx(holm([one.p_value for one in single.aurocs.values()]))
    # The one test of its kind, for the other pair has none.
    assert single.mcnemar is not None
    assert comparison.adjusted[0]["grouped"] == single.mcnemar.grouped
    assert "grouped" not in comparison.adjusted[1]
