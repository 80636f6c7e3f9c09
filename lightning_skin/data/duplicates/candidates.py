"""Pairs of images that are worth a closer comparison: each image and the nearest to it."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

WHOLE = 4096
"""So many images are compared all with all; more are first sorted into cells."""
PER_CELL = 1024
CELLS_AN_IMAGE = 3  # two versions of a picture then share a cell even where they lie at a border
ROWS = 2048


def nearest_pairs(vectors: npt.NDArray[np.float32], neighbours: int, reach: float) -> npt.NDArray[np.int64]:
    """Find pairs of close vectors, in a time that grows linearly with their number.

    Args:
        vectors: Unit vectors ``(N, D)``.
        neighbours: Partners that each image proposes, at most.
        reach: Largest distance of a pair, in [0, 2].

    Returns:
        Pairs of rows ``(P, 2)``, the smaller first, sorted, each once.
    """
    points = torch.from_numpy(np.ascontiguousarray(vectors))
    found = [torch.zeros(0, 2, dtype=torch.int64)]
    for members in _cells(points):
        found.append(members[_pairs_within(points[members], neighbours, reach)])
    pairs = torch.cat(found).sort(dim=1).values
    return torch.unique(pairs, dim=0).numpy()


def _pairs_within(points: Tensor, neighbours: int, reach: float) -> Tensor:
    found = []
    for start in range(0, len(points), ROWS):
        rows = torch.arange(start, min(start + ROWS, len(points)))
        cosines = points[rows] @ points.T
        cosines[rows - start, rows] = -1
        values, partners = cosines.topk(min(neighbours, len(points)), dim=1)
        near, rank = torch.nonzero(values > 1 - reach**2 / 2, as_tuple=True)
        found.append(torch.stack([near + start, partners[near, rank]], dim=1))
    return torch.cat(found)


def _cells(points: Tensor) -> list[Tensor]:
    """Members of overlapping neighbourhoods, which depend on the points only and not on their order."""
    if len(points) <= WHOLE:
        return [torch.arange(len(points))] if len(points) > 1 else []
    order = torch.from_numpy(np.lexsort(points[:, :4].T.numpy()))
    centres = points[order[::PER_CELL]]
    parts = [points[start : start + ROWS] for start in range(0, len(points), ROWS)]
    nearest = torch.cat([(part @ centres.T).topk(CELLS_AN_IMAGE, dim=1).indices for part in parts])
    rows = torch.arange(len(points)).repeat_interleave(CELLS_AN_IMAGE)
    cells, by_cell = nearest.flatten().sort(stable=True)
    ends = torch.bincount(cells, minlength=len(centres)).cumsum(dim=0)[:-1]
    return [members for members in rows[by_cell].tensor_split(ends) if len(members) > 1]
