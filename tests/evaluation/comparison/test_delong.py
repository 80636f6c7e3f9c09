import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from lightning_skin.evaluation.comparison.delong import auroc_difference


def kernel(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """1 where a positive is above a negative, one half where they tie: eq. 2 of DeLong et al."""
    return (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)


def by_all_pairs(positive: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Difference and its standard error by the textbook: covariances of placements over all pairs."""
    tables = [kernel(scores[positive], scores[~positive]) for scores in (first, second)]
    of_positives = np.cov([table.mean(axis=1) for table in tables])
    of_negatives = np.cov([table.mean(axis=0) for table in tables])
    covariance = of_positives / positive.sum() + of_negatives / (~positive).sum()
    contrast = np.array([-1.0, 1.0])
    return float(tables[1].mean() - tables[0].mean()), float(np.sqrt(contrast @ covariance @ contrast))


def scores_of(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, and scores with ties of two related classifiers."""
    rng = np.random.default_rng(seed)
    positive = rng.uniform(size=rows) < 0.3
    shared = rng.normal(size=rows)
    first = (positive + shared + rng.normal(size=rows)).round(1)
    second = (1.5 * positive + shared + rng.normal(size=rows)).round(1)
    return positive, first, second


@pytest.mark.parametrize("seed", range(5))
def test_it_equals_the_textbook_over_all_pairs(seed: int) -> None:
    positive, first, second = scores_of(80, seed)
    found = auroc_difference(positive, first, second, np.arange(80).astype(str))
    value, error = by_all_pairs(positive, first, second)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.interval == pytest.approx((value - 1.959964 * error, value + 1.959964 * error), abs=1e-6)
    assert found.p_value == pytest.approx(2 * norm.cdf(-abs(value) / error), abs=1e-9)


def test_the_difference_is_that_of_scikit_learn() -> None:
    positive, first, second = scores_of(200, seed=9)
    areas = [roc_auc_score(positive, scores) for scores in (first, second)]
    found = auroc_difference(positive, first, second, np.arange(200).astype(str))
    assert found[:3] == pytest.approx((*areas, areas[1] - areas[0]))


def test_pictures_of_one_lesion_do_not_make_it_surer() -> None:
    positive, first, second = scores_of(60, seed=1)
    groups = np.arange(60).astype(str)
    once = auroc_difference(positive, first, second, groups)
    thrice = [np.repeat(column, 3) for column in (positive, first, second)]
    together = auroc_difference(*thrice, np.repeat(groups, 3))
    assert together.interval == pytest.approx(once.interval)
    assert together.p_value == pytest.approx(once.p_value)
    apart = auroc_difference(*thrice, np.arange(180).astype(str))
    assert apart.p_value < once.p_value


def test_groups_of_both_sides_count_their_mixed_term() -> None:
    positive, first, second = scores_of(40, seed=2)
    groups = np.arange(40) // 4
    change = np.zeros(40)
    for sign, scores in ((-1, first), (1, second)):
        table = kernel(scores[positive], scores[~positive])
        change[positive] += sign * table.mean(axis=1)
        change[~positive] += sign * table.mean(axis=0)
    deviations = change - change[positive].mean()
    sums = np.array(
        [
            [deviations[(groups == group) & side].sum() for group in range(10)]
            for side in (positive, ~positive)
        ]
    )
    held = [len(set(groups[side])) for side in (positive, ~positive)]
    counts = [side.sum() for side in (positive, ~positive)]
    variance = sum(k / (k - 1) * (of @ of) / n**2 for k, of, n in zip(held, sums, counts, strict=True))
    variance += 2 * 10 / 9 * (sums[0] @ sums[1]) / (counts[0] * counts[1])
    found = auroc_difference(positive, first, second, groups.astype(str))
    assert (found.interval[1] - found.interval[0]) / 2 == pytest.approx(
        1.959964 * np.sqrt(variance), abs=1e-6
    )


def test_equal_rankings_do_not_differ() -> None:
    positive, first, _ = scores_of(30, seed=3)
    found = auroc_difference(positive, first, 2 * first + 1, np.arange(30).astype(str))
    assert found[2:] == (0.0, (0.0, 0.0), 1.0)


def test_what_is_undefined_is_not_a_number() -> None:
    scores, groups = np.arange(4.0), np.array(["p", "q", "r", "r"])
    for positive in (np.zeros(4, bool), np.ones(4, bool)):
        assert np.isnan(auroc_difference(positive, scores, scores, groups).value)
    of_one_group = auroc_difference(np.array([False, False, True, True]), scores, -scores, groups)
    assert of_one_group.value == -1
    assert np.isnan(of_one_group.p_value)


@pytest.mark.slow
@pytest.mark.parametrize("images_per_lesion", [1, 3])
def test_equal_classifiers_are_told_apart_in_5_percent_of_all_cases(images_per_lesion: int) -> None:
    rng = np.random.default_rng(0)
    lesions = 120
    groups = np.repeat(np.arange(lesions), images_per_lesion).astype(str)
    positive = np.repeat(np.arange(lesions) % 3 == 0, images_per_lesion)
    wrong = 0
    for _ in range(2000):
        of_lesion = np.repeat(rng.normal(size=(2, lesions)), images_per_lesion, axis=1)
        first, second = positive + of_lesion + 0.5 * rng.normal(size=(2, len(positive)))
        wrong += auroc_difference(positive, first, second, groups).p_value < 0.05
    # The standard error is 0.5 %.
    assert 0.035 < wrong / 2000 < 0.065
