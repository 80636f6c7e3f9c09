"""Two images that show the same."""

from typing import NamedTuple


class Match(NamedTuple):
    """A pair of near-duplicates among N images.

    Attributes:
        first: Row of one image.
        second: Row of the other, larger.
        kind: ``pixels``: the same pixels in other bytes; ``picture``: two versions of one picture;
            ``lesion``: two pictures of one lesion.
        similarity: In [0, 1]: correlation of details once aligned (``pixels``, ``picture``), or share of the
            local features that agree (``lesion``).
        change: What was done to one of them to get the other, in words; may be empty.
    """

    first: int
    second: int
    kind: str
    similarity: float
    change: str
