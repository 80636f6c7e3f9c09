import numpy as np
import pytest

from lightning_skin.evaluation.comparison.holm import holm


def test_p_values_are_multiplied_by_how_many_are_not_smaller_and_never_decrease() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_none_exceeds_1_and_one_alone_stays() -> None:
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_an_undefined_test_counts_for_none() -> None:
    np.testing.assert_allclose(holm([np.nan, 0.01, np.nan, 0.03]), [np.nan, 0.02, np.nan, 0.03])


def test_the_family_wise_error_is_kept() -> None:
    p_values = np.random.default_rng(0).uniform(size=(4000, 5))
    errors = np.mean([min(holm(row.tolist())) < 0.05 for row in p_values])
    # Of 5 independent true null hypotheses; the standard error is 0.0034.
    assert 0.04 < errors < 0.06
