import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from lightning_skin.data.duplicates.alignment import (
    MAX_SHIFT,
    MAX_STRETCH,
    MIN_STRETCH,
    align,
    correlation,
    identity,
    warp,
)


@pytest.fixture(scope="module")
def squares(lesions: list[Image.Image]) -> Tensor:
    small = [image.convert("L").resize((96, 96), Image.Resampling.BOX) for image in lesions]
    return torch.stack([torch.from_numpy(np.asarray(image, np.float32)) for image in small])


def moved(squares: Tensor, alignment: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """The middle of pictures, and the same middle stretched and shifted."""
    middle = torch.tensor([[0.8, 0.0, 0.8, 0.0]]).expand(len(squares), 4)
    stretch_x, shift_x, stretch_y, shift_y = alignment
    inverse = torch.tensor(
        [[0.8 / stretch_x, -0.8 * shift_x / stretch_x, 0.8 / stretch_y, -0.8 * shift_y / stretch_y]]
    )
    layers = squares[:, None]
    return warp(layers, middle)[0][:, 0], warp(layers, inverse.expand(len(squares), 4))[0][:, 0]


@pytest.mark.parametrize(
    "alignment", [(1, 0, 1, 0), (1.05, 0, 0.96, 0), (1, 0.05, 1, -0.04), (0.95, 0.04, 1.04, 0.03)]
)
def test_a_known_stretch_and_shift_is_found(squares: Tensor, alignment: tuple[float, ...]) -> None:
    first, second = moved(squares, alignment)
    found, score = align(first, second, identity(len(first)), steps=10)
    error = (found - torch.tensor(alignment)).abs().max(dim=1).values
    assert error.median() < 0.002
    assert (error < 0.01).float().mean() >= 0.9
    assert score.median() > 0.999


def test_light_does_not_mislead(squares: Tensor) -> None:
    first, second = moved(squares, (1.04, 0.03, 0.97, -0.02))
    plain, _ = align(first, second, identity(len(first)), steps=6)
    lit, _ = align(first, second * 0.6 + 50, identity(len(first)), steps=6)
    torch.testing.assert_close(lit, plain, atol=1e-3, rtol=0)


def test_the_score_is_never_worse_than_at_the_start(squares: Tensor) -> None:
    second = squares.roll(1, 0)
    start = identity(len(squares))
    _, before = align(squares, second, start, steps=0)
    found, after = align(squares, second, start, steps=6)
    assert (after >= before).all()
    assert ((found[:, ::2] >= MIN_STRETCH) & (found[:, ::2] <= MAX_STRETCH)).all()
    assert (found[:, 1::2].abs() <= MAX_SHIFT).all()


def test_the_score_is_the_correlation_of_the_overlap(squares: Tensor) -> None:
    first, second = moved(squares, (1.05, 0.02, 1.0, 0.0))
    found, score = align(first, second, identity(len(first)), steps=4)
    warped, inside = warp(second[:, None], found)
    torch.testing.assert_close(score, correlation(first, warped[:, 0], inside), atol=1e-3, rtol=0)


def test_correlation_equals_that_of_numpy() -> None:
    first, second = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    inside = torch.ones(3, 8, 8)
    inside[:, :, :2] = 0
    expected = [
        np.corrcoef(one[:, 2:].flatten(), other[:, 2:].flatten())[0, 1]
        for one, other in zip(first.numpy(), second.numpy(), strict=True)
    ]
    torch.testing.assert_close(correlation(first, second, inside), torch.tensor(expected).float())


def test_flat_pictures_agree_with_nothing(squares: Tensor) -> None:
    flat = torch.full_like(squares, 120)
    inside = torch.ones_like(squares)
    for one, other in ((flat, squares), (squares, flat), (flat, flat)):
        assert correlation(one, other, inside).abs().max() < 1e-3
        found, score = align(one, other, identity(len(squares)), steps=4)
        assert torch.isfinite(found).all()
        assert score.abs().max() < 1e-2


def test_nothing_overlaps_in_nothing() -> None:
    empty = torch.zeros(0, 32, 32)
    found, score = align(empty, empty, identity(0), steps=4)
    assert (found.shape, score.shape) == ((0, 4), (0,))


def test_what_lies_outside_is_marked() -> None:
    _, inside = warp(torch.zeros(1, 1, 4, 4), torch.tensor([[1.0, 0.5, 1.0, 0.0]]))
    assert inside[0].tolist() == [[1, 1, 1, 0]] * 4
