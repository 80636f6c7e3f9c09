"""The eight turns and flips of a square."""

from torch import Tensor, stack

QUARTERS = ("", "turned by 90 degrees", "turned by 180 degrees", "turned by 90 degrees")
NAMES = QUARTERS + tuple(f"flipped and {turn}" if turn else "flipped" for turn in QUARTERS)
"""What was done to one of two pictures, in words; either way, since nobody knows which was the first."""


def turned(images: Tensor) -> Tensor:
    """All turns and flips of squares ``(P, S, S)``, as ``(8, P, S, S)`` in the order of ``NAMES``."""
    sides = (images, images.flip(2))
    return stack([side.rot90(quarter, (1, 2)) for side in sides for quarter in range(4)])
