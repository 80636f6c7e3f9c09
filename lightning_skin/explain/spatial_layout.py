"""How a layer lays its feature maps out, and how to turn that into ``(B, K, h, w)``."""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from lightning_skin.explain.forward_trace import ForwardTrace, LayerOutput


def map_axes(output: LayerOutput, trace: ForwardTrace) -> tuple[int, int] | None:
    """Return the axes of height and width in a map of at least 2 x 2, or ``None`` for anything else.

    A map keeps the image's proportions, up to the cell that an odd size adds; this tells
    ``(1, K, h, w)`` from ``(1, h, w, K)``, and both from other tensors of four axes.
    """
    if len(output.shape) != 4 or output.shape[0] != 1:
        return None
    height, width = trace.image.shape[2:]
    mismatches: dict[tuple[int, int], int] = {}
    for rows, columns in ((2, 3), (1, 2)):
        h, w = output.shape[rows], output.shape[columns]
        mismatch = abs(h * width - w * height)
        if 2 <= h <= height and 2 <= w <= width and mismatch <= max(height, width):
            mismatches[rows, columns] = mismatch
    return min(mismatches, key=lambda axes: mismatches[axes], default=None)


def token_grid(output: LayerOutput, trace: ForwardTrace) -> tuple[int, int] | None:
    """Return rows and columns of a sequence of patches, or ``None`` for anything else.

    They are those of the last map before it, which was cut into the patches, or that map's divided by a
    stride where tokens were pooled since; a few class or register tokens may have joined them.
    """
    if len(output.shape) != 3 or output.shape[0] != 1:
        return None
    for earlier in reversed(trace.outputs[: trace.outputs.index(output)]):
        axes = map_axes(earlier, trace)
        if axes is not None and trace.depends_only_on(earlier.node):
            h, w = (earlier.shape[axis] for axis in axes)
            return _grid_of(output.shape[1], h, w)
    return None


def _grid_of(tokens: int, h: int, w: int) -> tuple[int, int] | None:
    if h * w <= tokens < 2 * h * w:
        return h, w
    for stride in range(2, min(h, w)):
        rows, columns = -(-h // stride), -(-w // stride)
        # A class and a distillation token at most: with more, other strides would fit too.
        if rows * columns <= tokens <= rows * columns + 2:
            return rows, columns
    return None


def reshape_to_map(output: LayerOutput, trace: ForwardTrace) -> Callable[[Tensor], Tensor] | None:
    """Return what turns the output of that layer into ``(B, K, h, w)``, or ``None`` if it is that already."""
    axes = map_axes(output, trace)
    if axes == (2, 3):
        return None
    if axes == (1, 2):
        return _channels_first
    grid = token_grid(output, trace)
    return None if grid is None else partial(_tokens_to_map, grid=grid)


def _channels_first(maps: Tensor) -> Tensor:
    return maps.permute(0, 3, 1, 2)  # (B, h, w, K) -> (B, K, h, w)


def _tokens_to_map(tokens: Tensor, grid: tuple[int, int]) -> Tensor:
    # Class and register tokens come first.
    patches = tokens[:, -grid[0] * grid[1] :]  # (B, h * w, K)
    return patches.transpose(1, 2).reshape(len(patches), -1, *grid)
