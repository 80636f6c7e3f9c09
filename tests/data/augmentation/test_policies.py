"""RandAugment and TrivialAugment on skin."""

import numpy as np
import pytest

from lightning_skin.data.augmentation import Augmentation, policies, randaugment, trivialaugment
from lightning_skin.data.augmentation.light import random_square

POLICIES = [randaugment(1, 2, 9), randaugment(1, 1, 30), trivialaugment(1)]


def lesion() -> np.ndarray:
    """A dark disc of 20 % of the area on skin."""
    rows, columns = np.indices((64, 64)) - 31.5
    image = np.full((64, 64, 3), (200, 150, 130), np.uint8)
    image[np.hypot(rows, columns) < 16] = (90, 50, 40)
    return image


def views(augment: Augmentation, count: int = 200) -> np.ndarray:
    return np.stack([augment(lesion(), 64, np.random.default_rng(seed)) for seed in range(count)])


@pytest.mark.parametrize("augment", POLICIES)
def test_a_lesion_stays_in_sight_and_darker_than_skin(augment: Augmentation) -> None:
    for view in views(augment):
        grey = view.astype(float).mean(axis=2)
        darker = grey < (grey.min() + grey.max()) / 2
        # Shifted by at most 45 % of the side, the smaller part of the disc is left.
        assert 0.04 <= darker.mean() <= 0.3


@pytest.mark.parametrize("policy", [policies._RandAugment, policies._TrivialAugment])
def test_operations_are_those_of_torchvision_but_for_three(policy: type) -> None:
    (whole,) = policy.__bases__
    left_out = {"Solarize", "Posterize", "Equalize"}
    assert set(policy._AUGMENTATION_SPACE) == set(whole._AUGMENTATION_SPACE) - left_out
    for name, (magnitudes, signed) in policy._AUGMENTATION_SPACE.items():
        theirs, their_sign = whole._AUGMENTATION_SPACE[name]
        assert signed == their_sign
        ours, largest = magnitudes(31, 224, 224), theirs(31, 224, 224)
        assert (ours is None) == (largest is None)
        assert ours is None or (len(ours) == 31 and 0 == ours[0] < ours[-1] <= largest[-1] + 1e-4)


def test_a_larger_magnitude_changes_more() -> None:
    image = lesion().astype(float)
    weak, strong = (
        np.abs(views(randaugment(1, 1, magnitude)).astype(float) - image).mean() for magnitude in (3, 20)
    )
    assert strong > 2 * weak


def test_a_magnitude_of_0_is_a_flip_but_for_contrast() -> None:
    ways = {np.rot90(side, turn).tobytes() for side in (lesion(), lesion()[:, ::-1]) for turn in range(4)}
    same = [view.tobytes() in ways for view in views(randaugment(1, 1, 0))]
    # Of 11 operations only the automatic contrast has no magnitude.
    assert np.mean(same) == pytest.approx(10 / 11, abs=0.06)


def test_a_crop_keeps_its_share() -> None:
    # The disc's share of the view shows how much of the image was cropped.
    shares = [
        (random_square(lesion(), 64, np.random.default_rng(seed), 0.5)[..., 0] < 145).mean()
        for seed in range(100)
    ]
    whole = (lesion()[..., 0] < 145).mean()
    assert max(shares) == pytest.approx(whole / 0.5, rel=0.1)
    assert min(shares) >= whole * 0.6
