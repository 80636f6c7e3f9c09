"""Images that are one image, in one file or in several."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.grouping import join_groups


class Copies(NamedTuple):
    """Images that show the same.

    Attributes:
        kind: ``bytes``, ``pixels`` (some of them in other bytes) or ``near``.
        rows: Of the N images, ascending.
    """

    kind: str
    rows: tuple[int, ...]


def find_copies(content_hashes: Sequence[str], same_pixels: Iterable[Match]) -> list[Copies]:
    """Bring images with the same bytes or pixels together, each in one set at most, in the order of the rows.

    Args:
        content_hashes: Of the N images.
        same_pixels: Pairs of them.
    """
    pairs = [match[:2] for match in same_pixels]
    rows = [str(row) for row in range(len(content_hashes))]
    whole = pd.Series(join_groups(rows, content_hashes, pairs))
    repeated = whole[whole.duplicated(keep=False)]
    sets = sorted(tuple(found.tolist()) for found in repeated.groupby(repeated).groups.values())
    return [Copies(_kind(found, content_hashes), found) for found in sets]


def between_copies(matches: Iterable[Match], copies: Sequence[Copies]) -> list[Match]:
    """Name the first image of a set of copies instead of each of them, so that a pair stands there once."""
    first = {row: found.rows[0] for found in copies for row in found.rows}
    pairs: dict[tuple[int, int], Match] = {}
    for match in matches:
        one, other = sorted(first.get(row, row) for row in match[:2])
        pairs.setdefault((one, other), match._replace(first=one, second=other))
    return [pairs[pair] for pair in sorted(pairs)]


def contradictory(copies: Sequence[Copies], matches: Iterable[Match], labels: Sequence[str]) -> list[Copies]:
    """Find those whose images have different labels; of near-duplicates with all their copies."""
    copies_of = {found.rows[0]: found.rows for found in copies}
    near = [
        Copies("near", tuple(sorted(row for end in match[:2] for row in copies_of.get(end, (end,)))))
        for match in matches
        # Two pictures of one lesion may be diagnosed apart; one picture may not.
        if match.kind == "picture" and labels[match.first] != labels[match.second]
    ]
    return [found for found in copies if len({labels[row] for row in found.rows}) > 1] + near


def _kind(rows: Sequence[int], content_hashes: Sequence[str]) -> str:
    return "bytes" if len({content_hashes[row] for row in rows}) == 1 else "pixels"
