"""LDAM and its deferred weights."""

import pytest
import torch
from torch.nn import functional as F

from lightning_skin.errors import InputError
from lightning_skin.models.losses import ldam
from lightning_skin.models.losses.class_weights import effective_weights

NAMES, COUNTS = ("bcc", "mel", "nv"), (16, 81, 1296)
LOGITS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 2, 1, 0])


def test_margins_fall_with_the_fourth_root_of_the_number_of_images() -> None:
    # 16, 81 and 1296 have the fourth roots 2, 3 and 6.
    torch.testing.assert_close(ldam(3.0, 1.0, NAMES, COUNTS).margins, torch.tensor([3.0, 2.0, 1.0]))


def test_the_logit_of_the_true_class_is_lowered_by_its_margin() -> None:
    lowered = LOGITS.clone()
    for row, label in enumerate(LABELS):
        lowered[row, label] -= (3.0, 2.0, 1.0)[label]
    torch.testing.assert_close(
        ldam(3.0, 1.0, NAMES, COUNTS)(LOGITS, LABELS), F.cross_entropy(lowered, LABELS)
    )


def test_weights_begin_at_their_share_of_the_training() -> None:
    loss = ldam(0.0, 0.8, NAMES, COUNTS)
    weighted = F.cross_entropy(LOGITS, LABELS, effective_weights(torch.tensor(COUNTS), 0.9999))
    values = []
    for epoch in range(10):
        loss.start_epoch(epoch, 10)
        values.append(loss(LOGITS, LABELS))
    for value in values[:8]:
        torch.testing.assert_close(value, F.cross_entropy(LOGITS, LABELS))
    for value in values[8:]:
        torch.testing.assert_close(value, weighted)


def test_a_training_without_an_end_has_no_last_part() -> None:
    with pytest.raises(InputError, match=r"trainer\.max_epochs is -1; set trainer\.max_epochs, or model"):
        ldam(2.0, 0.8, NAMES, COUNTS).start_epoch(0, -1)
    ldam(2.0, 1.0, NAMES, COUNTS).start_epoch(0, -1)
