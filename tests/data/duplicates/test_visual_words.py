import numpy as np
import pytest

from lightning_skin.data.duplicates.local_features import RECORD
from lightning_skin.data.duplicates.visual_words import MOST_COMMON, pairs_sharing_words
from lightning_skin.data.record_file import Records


def features(images: int, each: int, shared: int, seed: int = 0) -> Records:
    """Images 2 i and 2 i + 1 share so many of their features, give or take noise; the others are random."""
    rng = np.random.default_rng(seed)
    records = np.zeros(images, RECORD)
    records["count"] = each
    records["descriptors"][:, :each] = rng.integers(0, 60, (images, each, 128))
    noise = rng.integers(0, 3, (len(range(1, images, 2)), shared, 128), dtype=np.uint8)
    records["descriptors"][1::2, :shared] = records["descriptors"][: images // 2 * 2 : 2, :shared] + noise
    return records


def test_images_with_common_features_are_pairs() -> None:
    pairs = {tuple(pair) for pair in pairs_sharing_words(features(400, 30, 10), neighbours=12).tolist()}
    assert pairs >= {(row, row + 1) for row in range(0, 400, 2)}


@pytest.mark.parametrize("images", [2, 3, 4])
def test_few_images_with_common_features_are_pairs(images: int) -> None:
    assert [0, 1] in pairs_sharing_words(features(images, 30, 20), neighbours=12).tolist()


@pytest.mark.parametrize(("images", "each"), [(0, 0), (1, 0), (1, 5), (5, 0), (2, 1), (3, 2), (1, 40)])
def test_few_features_are_no_obstacle(images: int, each: int) -> None:
    pairs = pairs_sharing_words(features(images, each, 0), neighbours=12)
    assert pairs.shape[1] == 2
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_each_image_proposes_so_many_at_most() -> None:
    pairs = pairs_sharing_words(features(300, 40, 0), neighbours=3)
    assert len(pairs) <= 3 * 300
    assert (pairs[:, 0] < pairs[:, 1]).all()
    np.testing.assert_array_equal(np.unique(pairs, axis=0), pairs)


def test_what_very_many_images_share_says_nothing() -> None:
    records = features(MOST_COMMON + 100, 1, 0)
    records["descriptors"][:, 0] = records["descriptors"][0, 0]
    assert pairs_sharing_words(records, neighbours=12).tolist() == []


def test_pairs_are_the_same_each_time() -> None:
    records = features(200, 30, 5)
    np.testing.assert_array_equal(pairs_sharing_words(records, 12), pairs_sharing_words(records, 12))
