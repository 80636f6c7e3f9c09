"""Versions of one picture: re-encoded, resized, cropped by a few per cent, turned, flipped, or lit."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lightning_skin.data.duplicates.alignment import align, correlation, identity, warp
from lightning_skin.data.duplicates.candidates import nearest_pairs
from lightning_skin.data.duplicates.dihedral import NAMES, turned
from lightning_skin.data.duplicates.fingerprint import fingerprints
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.threads import in_threads
from lightning_skin.data.inspection import Facts
from lightning_skin.data.reading import read_grey, read_image

NEIGHBOURS = 8
REACH = 0.52
"""Of fingerprints: 95 % of the pictures cropped by 8 % are nearer to their original."""
MIN_RAW, MIN_BLURRED, MIN_SHARP = 0.7, 0.96, 0.965
"""Least correlation of thumbnails: as they are, and once aligned, blurred and sharp."""
SIDES = (32, 48, 64, 128)
"""Working sizes of the closer comparison: the largest that the smaller of both images fills."""
MIN_BAND, MIN_DETAIL = (0.98, 0.97, 0.93, 0.85), (0.95, 0.8, 0.72, 0.72)
"""Least correlation of structures of 1 to 4 and of less than 2 pixels, for each working size.

At 128 pixels versions of one picture have 0.9 and 0.8, moles that merely look alike 0.5 and 0.3. The less is
seen of moles, the more they resemble each other: in one picture each of 7,000 lesions, seven pairs of
different ones reach 0.85 and 0.72 at 64 pixels, and a thousand at 32. None reaches the values above.
"""
SMALLEST = 24
"""Shorter side of the images that are compared, in pixels; smaller ones show too little."""
DARK, DARK_REACH = 25, 6
"""Darker grey levels are taken for a frame. Its sharp edge, so many pixels wide, would outweigh the skin."""
MIN_VISIBLE = 0.2
"""Least share of a picture that frames and the other's borders must leave."""
STEPS = 4
BATCH, CLOSE_BATCH = 128, 64  # pairs of thumbnails, pairs of files


class _Pairs(NamedTuple):
    """Pairs under comparison: rows ``(P, 2)``, turn or flip of the second ``(P,)``, alignment ``(P, 4)``."""

    rows: Tensor
    turn: Tensor
    alignment: Tensor

    def where(self, kept: Tensor | slice) -> "_Pairs":
        return _Pairs(self.rows[kept], self.turn[kept], self.alignment[kept])


def same_pictures(root: Path, paths: Sequence[str], facts: Facts) -> list[Match]:
    """Find the images that are versions of one picture.

    Fingerprints propose pairs, thumbnails sort out most of them, and the files decide: aligned, both must
    agree in their fine structures, in which different moles never do.

    Args:
        root: Folder that the paths are relative to.
        paths: Of N readable images, no two with the same bytes.
        facts: Of the same images.
    """
    proposed = torch.from_numpy(nearest_pairs(fingerprints(facts.thumbnails), NEIGHBOURS, REACH))
    thumbnails = torch.from_numpy(facts.thumbnails)
    shorter = torch.tensor(facts.table[["width", "height"]].min(axis=1).tolist())
    batches = [proposed[start : start + BATCH] for start in range(0, len(proposed), BATCH)]
    found = in_threads(lambda rows: _compare_thumbnails(rows, thumbnails), batches, "Comparing thumbnails")
    if not found:
        return []
    alike = _Pairs(*(torch.cat(parts) for parts in zip(*found, strict=True)))
    sizes = shorter[alike.rows].min(dim=1).values
    matches = [
        match
        for level in range(len(SIDES))
        for match in _confirmed(alike.where(_fits(sizes, level)), root, paths, level)
    ]
    return sorted(_with_identical_pixels(matches, root, paths, facts))


def _compare_thumbnails(rows: Tensor, thumbnails: Tensor) -> _Pairs:
    first, second = (thumbnails[rows[:, column]].float() for column in (0, 1))
    variants = turned(second)  # (8, P, S, S)
    everywhere = torch.ones_like(first)
    raw = torch.stack([correlation(first, variant, everywhere) for variant in variants])
    plausible = torch.nonzero(raw.max(dim=0).values > MIN_RAW).flatten()
    rows, first, variants = rows[plausible], first[plausible], variants[:, plausible]
    turns = raw[:, plausible].topk(2, dim=0).indices  # of round moles the second best may be the right one
    tries = [_coarsely_aligned(first, _pick(variants, turn), identity(len(rows))) for turn in turns]
    scores = torch.stack([score for _, score in tries])
    best = scores.argmax(dim=0)
    start = _pick(torch.stack([alignment for alignment, _ in tries]), best)
    pairs, hopeful = _Pairs(rows, _pick(turns, best), start), _pick(scores, best) > MIN_BLURRED
    pairs, first, variants = pairs.where(hopeful), first[hopeful], variants[:, hopeful]
    alignment, scores = align(first, _pick(variants, pairs.turn), pairs.alignment, STEPS)
    return pairs._replace(alignment=alignment).where(scores > MIN_SHARP)


def _confirmed(pairs: _Pairs, root: Path, paths: Sequence[str], level: int) -> list[Match]:
    side = SIDES[level]

    @lru_cache(maxsize=4 * BATCH)
    def load(row: int) -> Tensor:
        return torch.from_numpy(read_grey(root / paths[row], side, side))

    def compare(part: _Pairs) -> list[Match]:
        first, second = (torch.stack([load(row) for row in column.tolist()]) for column in part.rows.T)
        second = _pick(turned(second), part.turn)
        coarse, _ = _coarsely_aligned(first, second, part.alignment)
        alignment, _ = align(first, second, coarse, STEPS)
        layers, inside = warp(second[:, None], alignment)
        moved = layers[:, 0]
        visible = inside * _lit(first) * _lit(moved)
        band = correlation(_band(first, 0.8, 3), _band(moved, 0.8, 3), visible)
        detail = correlation(_band(first, 0, 2), _band(moved, 0, 2), visible)
        agree = (band > MIN_BAND[level]) & (detail > MIN_DETAIL[level])
        agreeing = torch.nonzero(agree & (visible.mean((1, 2)) > MIN_VISIBLE)).flatten().tolist()
        changes = {row: _change(int(part.turn[row]), alignment[row].tolist()) for row in agreeing}
        return [
            Match(int(part.rows[row, 0]), int(part.rows[row, 1]), "picture", float(band[row]), change)
            for row, change in changes.items()
        ]

    starts = range(0, len(pairs.rows), CLOSE_BATCH)
    batches = [pairs.where(slice(start, start + CLOSE_BATCH)) for start in starts]
    return [match for part in in_threads(compare, batches, "Comparing pictures") for match in part]


def _coarsely_aligned(first: Tensor, second: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """On pictures of half the size, for the steps on whole ones to start within reach."""
    first, second = (F.avg_pool2d(images[:, None], 2)[:, 0] for images in (first, second))
    return align(first, second, start, STEPS)


def _with_identical_pixels(
    matches: Sequence[Match], root: Path, paths: Sequence[str], facts: Facts
) -> Iterator[Match]:
    sizes = facts.table[["width", "height"]].to_numpy()
    for match in matches:
        suspect = match.similarity > 0.999 and not match.change
        if suspect and (sizes[match.first] == sizes[match.second]).all():
            one, other = (np.asarray(read_image(root / paths[row])) for row in match[:2])
            if np.array_equal(one, other):
                yield match._replace(kind="pixels", similarity=1.0)
                continue
        yield match


def _change(turn: int, alignment: Sequence[float]) -> str:
    stretch_x, shift_x, stretch_y, shift_y = alignment
    moved = max(abs(stretch_x - 1), abs(stretch_y - 1), abs(shift_x), abs(shift_y)) > 0.01
    return ", ".join(part for part in (NAMES[turn], "cropped" if moved else "") if part)


def _fits(sizes: Tensor, level: int) -> Tensor:
    least = SIDES[level] if level else SMALLEST
    larger = SIDES[level + 1 :]
    return (sizes >= least) & (sizes < larger[0]) if larger else sizes >= least


def _lit(images: Tensor) -> Tensor:
    """Tell what lies far from a black frame ``(P, S, S)``, 0 or 1."""
    dark = (images < DARK).float()[:, None]
    return 1 - F.max_pool2d(dark, 2 * DARK_REACH + 1, stride=1, padding=DARK_REACH)[:, 0]


def _pick(options: Tensor, chosen: Tensor) -> Tensor:
    """Of ``(O, P, ...)`` the chosen option of each ``(P, ...)``."""
    return options[chosen, torch.arange(len(chosen))]


def _band(images: Tensor, fine: float, coarse: float) -> Tensor:
    """Structures between two scales, standard deviations of Gaussian filters in pixels."""
    return (_blurred(images, fine) if fine else images) - _blurred(images, coarse)


def _blurred(images: Tensor, sigma: float) -> Tensor:
    reach = round(3 * sigma)
    weights = torch.exp(-torch.arange(-reach, reach + 1).square() / (2 * sigma**2))
    weights = (weights / weights.sum())[None, None, None]
    padded = F.pad(images[:, None], (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, weights), weights.transpose(2, 3))[:, 0]
