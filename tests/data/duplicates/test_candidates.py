import numpy as np
import numpy.typing as npt
import pytest

from lightning_skin.data.duplicates.candidates import CELLS_AN_IMAGE, WHOLE, nearest_pairs

Vectors = npt.NDArray[np.float32]


def unit_vectors(count: int, size: int = 79, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, size))
    return normalised(vectors)


def normalised(vectors: npt.NDArray[np.float64] | Vectors) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def planted(count: int, distance: float) -> Vectors:
    """``count`` pairs of rows 2 i and 2 i + 1 that are so far apart, give or take a tenth."""
    rng = np.random.default_rng(1)
    # Like fingerprints, the points lie near few dimensions.
    points = normalised(rng.normal(size=(count, 8)) @ rng.normal(size=(8, 79)))
    moved = normalised(points + distance * unit_vectors(count, seed=2))
    return np.stack([points, moved], axis=1).reshape(-1, 79)


def test_few_points_equal_brute_force() -> None:
    vectors = unit_vectors(200, size=4)
    gaps = np.linalg.norm(vectors[:, None].astype(float) - vectors[None], axis=2)
    expected = set()
    for row, gap in enumerate(gaps):
        others = [int(other) for other in np.argsort(gap) if other != row][:5]
        expected |= {(min(row, other), max(row, other)) for other in others if gap[other] < 0.3}
    pairs = nearest_pairs(vectors, neighbours=5, reach=0.3)
    assert pairs.tolist() == sorted(map(list, expected))
    assert len(pairs) > 100


@pytest.mark.parametrize("count", [0, 1])
def test_one_image_has_no_partner(count: int) -> None:
    assert nearest_pairs(unit_vectors(count), neighbours=8, reach=0.5).shape == (0, 2)


def test_two_equal_points_are_a_pair() -> None:
    vectors = np.repeat(unit_vectors(1), 2, axis=0)
    assert nearest_pairs(vectors, neighbours=8, reach=0.5).tolist() == [[0, 1]]


@pytest.mark.parametrize("distance", [0.1, 0.3])
def test_no_planted_pair_is_missed_among_many(distance: float) -> None:
    vectors = planted(6000, distance)
    assert len(vectors) > WHOLE
    pairs = {tuple(pair) for pair in nearest_pairs(vectors, neighbours=8, reach=0.5).tolist()}
    assert pairs >= {(row, row + 1) for row in range(0, len(vectors), 2)}


@pytest.mark.parametrize("count", [300, 4000])
def test_pairs_do_not_depend_on_the_order(count: int) -> None:
    vectors = planted(count, 0.2)
    order = np.random.default_rng(3).permutation(len(vectors))
    pairs = nearest_pairs(vectors, neighbours=8, reach=0.5)
    shuffled = order[nearest_pairs(vectors[order], neighbours=8, reach=0.5)]
    np.testing.assert_array_equal(np.unique(np.sort(shuffled, axis=1), axis=0), pairs)


def test_the_number_of_pairs_grows_with_the_number_of_images() -> None:
    few, many = (len(nearest_pairs(planted(count, 0.2), neighbours=8, reach=2)) for count in (2500, 5000))
    assert few <= CELLS_AN_IMAGE * 8 * 5000
    assert 1.8 < many / few < 2.5


def test_pairs_are_sorted_and_each_stands_once() -> None:
    pairs = nearest_pairs(planted(3000, 0.2), neighbours=8, reach=0.5)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    np.testing.assert_array_equal(np.unique(pairs, axis=0), pairs)
