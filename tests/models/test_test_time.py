"""Views of images, and the average of what a network says of them."""

import pytest
import torch
from torch import Tensor

from lightning_skin.models.test_time import VIEWS, plain_and_averaged, view

IMAGES = torch.randn(3, 3, 5, 5, generator=torch.Generator().manual_seed(0))


def corner(images: Tensor) -> Tensor:
    """A network that sees the top left pixel only: its channels are the logits."""
    return images[:, :, 0, 0]


def test_the_views_are_the_turns_of_an_image_and_of_its_mirror_image() -> None:
    turned = {
        tuple(torch.rot90(image, turns, (2, 3)).flatten().tolist())
        for image in (IMAGES, IMAGES.flip(3))
        for turns in range(4)
    }
    assert len(turned) == 8
    assert {tuple(view(IMAGES, number).flatten().tolist()) for number in range(8)} == turned


def test_flips_leave_rows_and_columns_where_they_are() -> None:
    torch.testing.assert_close(view(IMAGES, 0), IMAGES)
    torch.testing.assert_close(view(IMAGES, 1), IMAGES.flip(3))
    torch.testing.assert_close(view(IMAGES, 2), IMAGES.flip(2))
    torch.testing.assert_close(view(IMAGES, 3), IMAGES.rot90(2, (2, 3)))


@pytest.mark.parametrize("kind", ["flips", "dihedral"])
def test_the_average_is_the_same_whichever_view_comes_first(kind: str) -> None:
    def looks_everywhere(images: Tensor) -> Tensor:
        weights = torch.linspace(-1, 1, 25).reshape(5, 5)
        return (images * weights).sum(dim=(2, 3))

    _, expected = plain_and_averaged(looks_everywhere, IMAGES, VIEWS[kind])
    for number in range(VIEWS[kind]):
        plain, averaged = plain_and_averaged(looks_everywhere, view(IMAGES, number), VIEWS[kind])
        torch.testing.assert_close(averaged, expected)
    assert (plain.probabilities - expected.probabilities).abs().max() > 0.1


def test_probabilities_are_averaged_not_logits() -> None:
    corners = IMAGES[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]  # (B, C, 4)
    _, averaged = plain_and_averaged(corner, IMAGES, 4)
    torch.testing.assert_close(averaged.probabilities, corners.softmax(dim=1).mean(dim=2))
    torch.testing.assert_close(averaged.log_sum_exp, corners.logsumexp(dim=1).mean(dim=1))


def test_the_plain_view_is_one_of_the_views_and_costs_nothing_more() -> None:
    calls = []

    def counted(images: Tensor) -> Tensor:
        calls.append(len(images))
        return corner(images)

    plain, _ = plain_and_averaged(counted, IMAGES, 8)
    assert calls == [3] * 8
    torch.testing.assert_close(plain.probabilities, corner(IMAGES).softmax(dim=1))


def test_one_view_is_the_plain_one() -> None:
    plain, averaged = plain_and_averaged(corner, IMAGES, VIEWS["none"])
    torch.testing.assert_close(averaged, plain, rtol=0, atol=0)


def test_half_precision_logits_give_single_precision_probabilities() -> None:
    for probabilities, _ in plain_and_averaged(corner, IMAGES.bfloat16(), 4):
        assert probabilities.dtype == torch.float32
        torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(3))
