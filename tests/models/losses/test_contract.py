"""What all losses have in common."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from lightning_skin.models.losses import ClassificationLoss, cross_entropy, focal, ldam, logit_adjustment

NAMES, COUNTS = ("bcc", "mel", "nv"), (10, 20, 90)
LOGITS = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 2, 2, 1, 2, 0])
LOSSES = {
    "cross_entropy": partial(cross_entropy, 0.1, "balanced"),
    "focal": partial(focal, 2.0, "balanced"),
    "logit_adjustment": partial(logit_adjustment, 1.0, 0.1),
    "ldam": partial(ldam, 2.0, 0.5),
}


@pytest.fixture(params=LOSSES.values(), ids=LOSSES.keys())
def loss(request: pytest.FixtureRequest) -> ClassificationLoss:
    built: Callable[..., ClassificationLoss] = request.param
    return built(class_names=NAMES, class_counts=COUNTS)


def test_certain_probabilities_are_class_indices(loss: ClassificationLoss) -> None:
    torch.testing.assert_close(loss(LOGITS, F.one_hot(LABELS, 3).float()), loss(LOGITS, LABELS))


def test_the_loss_of_half_precision_is_computed_in_32_bits(loss: ClassificationLoss) -> None:
    rounded = LOGITS.bfloat16()
    value = loss(rounded, LABELS)
    assert value.dtype == torch.float32
    assert torch.equal(value, loss(rounded.float(), LABELS))


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_a_loss_that_was_converted_with_its_network_works(
    loss: ClassificationLoss, dtype: torch.dtype, mixed: bool
) -> None:
    loss.start_epoch(9, 10)
    labels = F.one_hot(LABELS, 3).to(dtype) if mixed else LABELS
    expected = loss(LOGITS, LABELS)
    assert loss.to(dtype)(LOGITS.to(dtype), labels).item() == pytest.approx(expected.item(), rel=0.02)


@pytest.mark.parametrize("labels", [LABELS, torch.full((8, 3), 1 / 3)], ids=["certain", "mixed"])
def test_extreme_logits_have_finite_losses_and_gradients(loss: ClassificationLoss, labels: Tensor) -> None:
    for scale in (0.0, 1e4, -1e4):
        logits = (scale * LOGITS).requires_grad_()
        value = loss(logits, labels)
        value.backward()
        assert value.isfinite()
        assert logits.grad is not None
        assert logits.grad.isfinite().all()


def test_a_step_against_the_gradient_lowers_the_loss(loss: ClassificationLoss) -> None:
    logits = LOGITS.clone().requires_grad_()
    before = loss(logits, LABELS)
    (gradient,) = torch.autograd.grad(before, logits)
    assert loss(logits - 0.1 * gradient, LABELS) < before


def test_nothing_of_a_loss_is_in_a_checkpoint(loss: ClassificationLoss) -> None:
    assert loss.state_dict() == {}
