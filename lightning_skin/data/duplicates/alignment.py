"""How far two pictures agree once one is stretched and shifted over the other."""

import torch
from torch import Tensor
from torch.nn import functional as F

MIN_STRETCH, MAX_STRETCH = 0.8, 1.25
MAX_SHIFT = 0.25  # of half a side
MAX_STEP = 0.1
DAMPING = 1e-3
EPSILON = 1e-6


def identity(count: int) -> Tensor:
    """The alignment that moves nothing ``(P, 4)``: stretch and shift along x, stretch and shift along y.

    A position x in [-1, 1] of the first picture shows what lies at ``stretch * x + shift`` in the second.
    """
    return torch.tensor([1.0, 0.0, 1.0, 0.0]).repeat(count, 1)


def align(first: Tensor, second: Tensor, start: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Stretch and shift pictures over others so that their correlation is largest.

    Gauss-Newton steps on the squared difference, with gain and offset free: the forward-additive form of
    Lucas and Kanade's method (Baker and Matthews, IJCV 56, 2004), which brightness and contrast don't
    mislead.

    Args:
        first: Grey squares ``(P, S, S)``, float.
        second: Likewise; these are moved.
        start: Alignments ``(P, 4)``, as ``identity`` describes them.
        steps: How many.

    Returns:
        The best alignments that were met ``(P, 4)``, and the correlation of the overlap at each ``(P,)``.
    """
    side = first.shape[1]
    axis = _axis(side)
    target, moved = _standardised(first), _standardised(second)
    down, right = torch.gradient(moved, spacing=2 / side, dim=(1, 2))
    layers = torch.stack([moved, right, down], dim=1)
    best, best_score = start, torch.full((len(first),), -1.0)
    current = start
    for step in range(steps + 1):
        warped, inside = warp(layers, current)
        deviation, other = centred(target, inside), centred(warped[:, 0], inside)
        product, power = (deviation * other).sum((1, 2)), other.square().sum((1, 2)) + EPSILON
        score = product / (power * (deviation.square().sum((1, 2)) + EPSILON)).sqrt()
        better = score > best_score
        best, best_score = torch.where(better[:, None], current, best), torch.where(better, score, best_score)
        if step < steps:
            gain = (product / power).clamp(0.2, 5)[:, None, None]
            horizontal, vertical = warped[:, 1] * gain * inside, warped[:, 2] * gain * inside
            slopes = [horizontal * axis, horizontal, vertical * axis[:, None], vertical, other, inside]
            current = _moved(current, torch.stack(slopes, dim=1), deviation - gain * other)
    return best, best_score


def warp(layers: Tensor, alignment: Tensor) -> tuple[Tensor, Tensor]:
    """Move pictures ``(P, L, S, S)``; also tell where the result lies inside them ``(P, S, S)``, 0 or 1."""
    axis = _axis(layers.shape[-1])
    x = alignment[:, 0:1] * axis + alignment[:, 1:2]  # (P, S)
    y = alignment[:, 2:3] * axis + alignment[:, 3:4]
    shape = (len(layers), len(axis), len(axis))
    grid = torch.stack([x[:, None, :].expand(shape), y[:, :, None].expand(shape)], dim=3)
    inside = (x.abs() <= 1)[:, None, :] & (y.abs() <= 1)[:, :, None]
    return F.grid_sample(layers, grid, padding_mode="border", align_corners=False), inside.float()


def correlation(first: Tensor, second: Tensor, inside: Tensor) -> Tensor:
    """Correlation of pictures ``(P, S, S)`` over the pixels inside ``(P,)``; 0 where one is flat."""
    deviation, other = centred(first, inside), centred(second, inside)
    powers = deviation.square().sum((1, 2)) * other.square().sum((1, 2))
    return (deviation * other).sum((1, 2)) / (powers.sqrt() + EPSILON)


def centred(images: Tensor, inside: Tensor) -> Tensor:
    """Pictures less their mean over the pixels inside, and zero elsewhere."""
    count = inside.sum((1, 2), keepdim=True).clamp_min(1)
    return (images - (images * inside).sum((1, 2), keepdim=True) / count) * inside


def _moved(alignment: Tensor, slopes: Tensor, residual: Tensor) -> Tensor:
    matrix = slopes.flatten(2)  # (P, 6, S * S)
    normal = matrix @ matrix.transpose(1, 2)
    normal = normal + DAMPING * torch.diag_embed(normal.diagonal(dim1=1, dim2=2)) + EPSILON * torch.eye(6)
    step = torch.linalg.solve(normal, matrix @ residual.flatten(1)[:, :, None])[:, :4, 0]
    low = torch.tensor([MIN_STRETCH, -MAX_SHIFT, MIN_STRETCH, -MAX_SHIFT])
    high = torch.tensor([MAX_STRETCH, MAX_SHIFT, MAX_STRETCH, MAX_SHIFT])
    return (alignment + step.clamp(-MAX_STEP, MAX_STEP)).clamp(low, high)


def _standardised(images: Tensor) -> Tensor:
    deviation = images - images.mean((1, 2), keepdim=True)
    return deviation / (deviation.square().mean((1, 2), keepdim=True).sqrt() + EPSILON)


def _axis(side: int) -> Tensor:
    return (torch.arange(side) + 0.5) / side * 2 - 1
