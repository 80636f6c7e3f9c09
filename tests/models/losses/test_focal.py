"""The focal loss."""

import pytest
import torch
from torch.nn import functional as F
from torchvision.ops import sigmoid_focal_loss

from lightning_skin.models.losses import focal

NAMES, COUNTS = ("bcc", "mel", "nv"), (10, 20, 90)
LOGITS = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 2, 2, 1, 2, 0])


def test_gamma_of_zero_is_weighted_cross_entropy() -> None:
    loss = focal(0.0, {"mel": 3.0}, NAMES, COUNTS)
    expected = F.cross_entropy(LOGITS, LABELS, torch.tensor([1.0, 3.0, 1.0]))
    torch.testing.assert_close(loss(LOGITS, LABELS), expected)


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_two_classes_are_what_torchvision_computes_of_their_difference(gamma: float) -> None:
    # The softmax of (0, z) is the sigmoid of z.
    logits = torch.stack([torch.zeros(8), LOGITS[:, 0]], dim=1)
    labels = LABELS.clamp(max=1)
    loss = focal(gamma, "none", ("benign", "malignant"), (10, 10))
    expected = sigmoid_focal_loss(LOGITS[:, 0], labels.float(), alpha=-1, gamma=gamma, reduction="mean")
    torch.testing.assert_close(loss(logits, labels), expected)


def test_an_image_that_is_classified_well_counts_little() -> None:
    loss, plain = (focal(gamma, "none", NAMES, COUNTS) for gamma in (2.0, 0.0))
    sure = torch.tensor([[4.0, 0.0, 0.0]])
    doubt = 1 - sure.softmax(dim=1)[0, 0]
    label = torch.tensor([0])
    torch.testing.assert_close(loss(sure, label), doubt**2 * plain(sure, label))
