"""The first few of many names, for messages."""

from collections.abc import Iterable
from itertools import islice

SHOWN = 5


def first_few(names: Iterable[object]) -> str:
    """Up to five names, separated by commas; an ellipsis says that there are more."""
    shown = [str(name) for name in islice(names, SHOWN + 1)]
    return ", ".join([*shown[:SHOWN], "..."] if len(shown) > SHOWN else shown)
