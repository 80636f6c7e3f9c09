"""Other names for the labels of a source."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from lightning_skin.data.malignant import relabelled_malignant
from lightning_skin.data.sources import Source
from lightning_skin.errors import InputError


def relabelled(source: Callable[[], Source], labels: Mapping[str, str | None]) -> Source:
    """Rename, merge or drop labels.

    Args:
        source: Lists the images.
        labels: New name of each label, ``None`` to drop its images; labels not named are kept.

    Raises:
        InputError: ``labels`` names one that no image has, or drops all images.
    """
    listed = source()
    table = listed.table
    found = sorted(set(table["label"]))
    if unknown := sorted(set(labels) - set(found)):
        raise InputError(
            f"data.labels names {', '.join(unknown)}, expected labels among {', '.join(found)}"
            f"{_nearest(unknown[0], found)}"
        )
    renamed = table["label"].map(lambda label: labels.get(label, label))
    kept = table[renamed.notna()].assign(label=renamed.dropna()).reset_index(drop=True)
    if kept.empty:
        raise InputError("data.labels drops every image; keep at least two labels")
    new = {label: labels.get(label, label) for label in found}
    return listed._replace(table=kept, malignant=relabelled_malignant(listed.malignant, new))


def _nearest(name: str, found: Sequence[str]) -> str:
    plain = {label.casefold(): label for label in found}
    near = get_close_matches(name.casefold(), plain, n=1)
    return f"; did you mean {plain[near[0]]}?" if near else ""
