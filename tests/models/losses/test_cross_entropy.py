"""Cross-entropy, its smoothing, and the weights of its classes."""

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lightning_skin.errors import InputError
from lightning_skin.models.losses.cross_entropy import CrossEntropy, cross_entropy

NAMES = ("bcc", "mel", "nv")
COUNTS = (10, 20, 90)
LOGITS = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 2, 2, 1, 2, 0])


def loss(class_weights: Any, label_smoothing: float = 0.0) -> CrossEntropy:
    return cross_entropy(label_smoothing, class_weights, NAMES, COUNTS)


def test_loss_of_even_odds_is_the_logarithm_of_two() -> None:
    value = CrossEntropy(0.0, None)(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    assert value.item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_label_smoothing_equals_that_of_torch(smoothing: float) -> None:
    expected = nn.CrossEntropyLoss(label_smoothing=smoothing)(LOGITS, LABELS)
    torch.testing.assert_close(loss("none", smoothing)(LOGITS, LABELS), expected)


def test_balanced_weights_are_the_inverse_shares_over_the_number_of_classes() -> None:
    weight = loss("balanced").weight  # 120 images: 120 / (3 * 10), 120 / (3 * 20), 120 / (3 * 90)
    torch.testing.assert_close(weight, torch.tensor([4.0, 2.0, 4 / 9]))


def test_balanced_weights_give_each_class_the_same_share_of_the_training_set() -> None:
    total = loss("balanced").weight * torch.tensor(COUNTS)
    torch.testing.assert_close(total, torch.full((3,), 40.0))


def test_balanced_weights_of_equal_classes_are_one() -> None:
    balanced = cross_entropy(0.0, "balanced", NAMES, (7, 7, 7))
    torch.testing.assert_close(balanced.weight, torch.ones(3))


def test_a_mapping_leaves_the_classes_it_does_not_name_at_one() -> None:
    torch.testing.assert_close(loss({"mel": 3}).weight, torch.tensor([1.0, 3.0, 1.0]))


def test_weights_count_the_images_of_their_class_in_the_mean() -> None:
    each = F.cross_entropy(LOGITS, LABELS, reduction="none")
    weights = torch.tensor([1.0, 3.0, 1.0])[LABELS]
    expected = (weights * each).sum() / weights.sum()
    torch.testing.assert_close(loss({"mel": 3.0})(LOGITS, LABELS), expected)


def test_an_unknown_class_is_refused_by_name() -> None:
    with pytest.raises(
        InputError, match=r"class_weights names akiec, melanoma, expected classes among bcc, mel, nv"
    ):
        loss({"melanoma": 3.0, "nv": 1.0, "akiec": 2.0})


def test_another_word_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match="is even, expected none, balanced, effective or a mapping"):
        loss("even")


def test_weights_are_not_part_of_a_checkpoint() -> None:
    assert loss("balanced").state_dict() == {}


def test_weights_follow_the_loss_to_another_type() -> None:
    assert loss("balanced").double()(LOGITS.double(), LABELS).dtype == torch.float64
