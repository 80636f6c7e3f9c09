"""Weights of classes."""

import pytest
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.losses.class_weights import effective_weights, weights_of

NAMES = ("bcc", "mel", "nv")


def test_effective_weights_are_the_inverse_effective_numbers_with_a_mean_of_one() -> None:
    # (1 - 0.9^n) / 0.1 for n = 1, 2, 3: 1, 1.9, 2.71.
    inverse = torch.tensor([1, 1 / 1.9, 1 / 2.71])
    torch.testing.assert_close(effective_weights(torch.tensor([1, 2, 3]), 0.9), inverse / inverse.mean())


def test_effective_weights_lie_between_none_and_balanced() -> None:
    effective = weights_of("effective", NAMES, (50, 500, 5000))
    balanced = weights_of("balanced", NAMES, (50, 500, 5000))
    assert effective is not None
    assert balanced is not None
    torch.testing.assert_close(effective_weights(torch.tensor([50, 500, 5000]), 0.0), torch.ones(3))
    assert 1 < effective[0] / effective[2] < balanced[0] / balanced[2]


@pytest.mark.parametrize("word", ["balanced", "effective"])
def test_a_class_without_images_is_refused_by_name(word: str) -> None:
    with pytest.raises(InputError, match=f"mel has no training images, which .*class_weights={word} needs"):
        weights_of(word, NAMES, (10, 0, 20))
