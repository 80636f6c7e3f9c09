import numpy as np
import pytest
from scipy import stats

from lightning_skin.evaluation.clustered import clustered_mean, clustered_share


def names(count: int, copies: int = 1) -> np.ndarray:
    return np.repeat(np.arange(count), copies).astype(np.str_)


@pytest.mark.parametrize(("hits", "total"), [(0, 12), (3, 12), (29, 30), (30, 30), (1, 2)])
def test_share_of_independent_images_has_wilsons_interval(hits: int, total: int) -> None:
    share = clustered_share(np.arange(total) < hits, names(total))
    reference = stats.binomtest(hits, total).proportion_ci(method="wilson")
    assert (share.value, share.count, share.total) == (hits / total, hits, total)
    assert share.interval == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_copies_of_images_teach_nothing_new() -> None:
    hits = np.arange(200) < 150
    alone = clustered_share(hits, names(200)).interval
    copied = clustered_share(np.repeat(hits, 4), names(200, 4)).interval
    assert copied == pytest.approx(alone, abs=0.002)
    ungrouped = clustered_share(np.repeat(hits, 4), names(800)).interval
    assert ungrouped[1] - ungrouped[0] == pytest.approx((alone[1] - alone[0]) / 2, rel=0.02)


@pytest.mark.parametrize("hit", [True, False])
def test_where_all_are_alike_each_group_counts_once(hit: bool) -> None:
    share = clustered_share(np.full(20, hit), names(5, 4))
    reference = stats.binomtest(5 * hit, 5).proportion_ci(method="wilson")
    assert share.interval == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_groups_that_contradict_themselves_are_not_worth_more_than_single_images() -> None:
    mixed = clustered_share(np.tile([True, False], 50), names(50, 2)).interval
    low, high = clustered_share(np.tile([True, False], 50), names(100)).interval
    assert mixed == pytest.approx((low, high), abs=0.003)
    assert mixed[0] <= low
    assert mixed[1] >= high


def test_no_images_have_no_share() -> None:
    share = clustered_share(np.zeros(0, bool), np.zeros(0, np.str_))
    assert np.isnan([share.value, *share.interval]).all()
    assert share.total == 0


def test_mean_of_equally_large_groups_has_the_t_interval_of_their_means() -> None:
    values = np.random.default_rng(0).normal(size=(15, 3))
    found = clustered_mean(values.ravel(), names(15, 3))
    reference = stats.ttest_1samp(values.mean(axis=1), 0).confidence_interval(0.95)
    assert found.value == pytest.approx(values.mean())
    assert found.interval == pytest.approx((reference.low, reference.high))


def test_mean_of_one_group_has_no_interval() -> None:
    assert np.isnan(clustered_mean(np.array([1.0, 2.0]), names(1, 2)).interval).all()
    assert np.isnan(clustered_mean(np.zeros(0), np.zeros(0, np.str_)).value)


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "groups"), [(0.9, 60), (0.7, 40), (0.95, 150)])
def test_nominal_interval_of_grouped_images_covers_the_truth(rate: float, groups: int) -> None:
    """Lesions of one to four images that are recognised alike (intra-class correlation 0.5)."""
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(3000):
        sizes = rng.integers(1, 5, size=groups)
        chances = rng.beta(rate, 1 - rate, size=groups)
        hits = rng.random(sizes.sum()) < np.repeat(chances, sizes)
        low, high = clustered_share(hits, np.repeat(np.arange(groups), sizes).astype(np.str_)).interval
        covered.append(low <= rate <= high)
    # 3,000 repetitions have a standard error of 0.4 percentage points.
    assert 0.93 < np.mean(covered) < 0.97
