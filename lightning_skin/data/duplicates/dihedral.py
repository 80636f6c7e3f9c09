"""The eight turns and flips of a square."""

from torch import Tensor, stack

NAMES = (
    "",
    "turned by 90 degrees",
    "turned by 180 degrees",
    "turned by 270 degrees",
    "flipped",
    "flipped and turned by 90 degrees",
    "flipped and turned by 180 degrees",
    "flipped and turned by 270 degrees",
)


def turned(images: Tensor) -> Tensor:
    """All turns and flips of squares ``(P, S, S)``, as ``(8, P, S, S)`` in the order of ``NAMES``."""
    sides = (images, images.flip(2))
    return stack([side.rot90(quarter, (1, 2)) for side in sides for quarter in range(4)])
