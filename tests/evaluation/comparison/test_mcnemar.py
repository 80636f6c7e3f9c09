import numpy as np
import pytest
from scipy.stats import binomtest, chi2

from lightning_skin.evaluation.comparison.mcnemar import mcnemar


def right(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    counts = (both, first, second, neither)
    return (
        np.repeat([True, True, False, False], counts),
        np.repeat([True, False, True, False], counts),
    )


def test_it_gives_the_values_published_for_airway_responsiveness() -> None:
    """Of Bentur et al. 2009, as Fagerland, Lydersen and Laake 2013 analyse it."""
    found = mcnemar(*right(1, 1, 7, 12), np.arange(21).astype(str))
    assert (found.both_right, found.only_first, found.only_second, found.both_wrong) == (1, 1, 7, 12)
    assert found.exact == pytest.approx(0.0703, abs=5e-5)
    assert found.mid_p == pytest.approx(0.0391, abs=5e-5)


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 3), (12, 5), (40, 61), (0, 0)])
def test_the_exact_test_is_the_binomial_one(first: int, second: int) -> None:
    found = mcnemar(*right(5, first, second, 5), np.arange(10 + first + second).astype(str))
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert found.exact == pytest.approx(expected)


def test_mid_p_takes_half_of_what_was_seen() -> None:
    assert mcnemar(*right(0, 1, 1, 0), np.array(["p", "q"])).mid_p == pytest.approx(0.75)


def test_single_images_give_the_chi_squared_test() -> None:
    found = mcnemar(*right(30, 10, 25, 35), np.arange(100).astype(str))
    assert found.grouped == pytest.approx(chi2.sf(0.99 * 15**2 / 35, df=1))


def test_pictures_of_one_lesion_do_not_make_it_surer() -> None:
    sides, groups = right(10, 4, 12, 5), np.arange(31).astype(str)
    once = mcnemar(*sides, groups)
    thrice = mcnemar(*(np.repeat(side, 3) for side in sides), np.repeat(groups, 3))
    assert thrice.grouped == pytest.approx(once.grouped)
    assert thrice.exact < once.exact / 5


def test_the_same_answers_do_not_differ() -> None:
    found = mcnemar(*right(3, 0, 0, 2), np.arange(5).astype(str))
    assert (found.exact, found.mid_p, found.grouped) == (1.0, 1.0, 1.0)


@pytest.mark.slow
def test_equal_classifiers_are_told_apart_in_5_percent_of_all_cases_by_groups_only() -> None:
    rng = np.random.default_rng(0)
    lesions, images = 150, 4
    groups = np.repeat(np.arange(lesions), images).astype(str)
    wrong = np.zeros(2)
    for _ in range(2000):
        of_lesion = np.repeat(rng.normal(size=(2, lesions)), images, axis=1)
        sides = of_lesion + 0.5 * rng.normal(size=(2, lesions * images)) > 0
        found = mcnemar(*sides, groups)
        wrong += np.array([found.grouped, found.mid_p]) < 0.05
    assert 0.035 < wrong[0] / 2000 < 0.065
    assert wrong[1] / 2000 > 0.2
