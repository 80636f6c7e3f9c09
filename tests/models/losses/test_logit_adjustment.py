"""Logit adjustment."""

import pytest
import torch
from torch.nn import functional as F

from lightning_skin.errors import InputError
from lightning_skin.models.losses import logit_adjustment

NAMES, COUNTS = ("bcc", "mel", "nv"), (10, 20, 90)
LABELS = torch.tensor([0, 1, 2])


def test_the_loss_is_that_of_logits_plus_tau_times_the_logarithm_of_the_prior() -> None:
    logits = torch.tensor([[1.0, -1.0, 0.5], [0.0, 2.0, 0.0], [0.3, 0.2, 0.1]])
    prior = torch.tensor([1 / 12, 1 / 6, 3 / 4])
    loss = logit_adjustment(2.0, 0.0, NAMES, COUNTS)
    torch.testing.assert_close(loss(logits, LABELS), F.cross_entropy(logits + 2 * prior.log(), LABELS))


def test_a_network_that_knows_nothing_is_at_the_optimum_with_equal_logits() -> None:
    # Over the training set, the gradient of equal logits vanishes: the prior is in the loss.
    labels = torch.arange(3).repeat_interleave(torch.tensor(COUNTS))
    logits = torch.zeros(len(labels), 3, requires_grad=True)
    logit_adjustment(1.0, 0.0, NAMES, COUNTS)(logits, labels).backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad.sum(dim=0), torch.zeros(3), atol=1e-6, rtol=0)


def test_a_class_without_images_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="mel has no training images, which model/loss=logit_adjustment"):
        logit_adjustment(1.0, 0.0, NAMES, (10, 0, 90))
