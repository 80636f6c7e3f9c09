"""What the user may have meant."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean NAME?"`` for the nearest known name, or nothing where none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def suggest_key(key: str, known: Sequence[str]) -> str:
    """Suggest the dotted keys with the same last name, such as ``lr``, else the nearest of the same depth."""
    last = key.rpartition(".")[2]
    if same := [name for name in known if name.rpartition(".")[2] == last]:
        return f"; did you mean {' or '.join(same)}?"
    return suggest(key, [name for name in known if name.count(".") == key.count(".")])
