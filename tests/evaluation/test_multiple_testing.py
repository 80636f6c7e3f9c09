import pytest

from lightning_skin.evaluation.multiple_testing import holm


def test_adjusted_values_are_those_worked_out_by_hand() -> None:
    # 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04, which cannot be below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_nothing_is_above_one() -> None:
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_one_test_needs_no_correction() -> None:
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
