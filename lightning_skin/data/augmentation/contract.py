"""What an augmentation is."""

from collections.abc import Callable

from numpy.random import Generator

from lightning_skin.data.resize import Pixels

Augmentation = Callable[[Pixels, int, Generator], Pixels]
"""Image ``(H, W, 3)`` of any size, side S, random numbers -> image ``(S, S, 3)``.

All randomness comes from the generator. Picklable, since worker processes may be spawned.
"""
