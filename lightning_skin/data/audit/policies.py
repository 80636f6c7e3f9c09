"""What is done about what an audit finds."""

import logging
from collections.abc import Iterable, Sequence

from lightning_skin.data.audit.copies import Copies
from lightning_skin.data.audit.outliers import Outlier
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.examples import first_few
from lightning_skin.data.grouping import join_groups

logger = logging.getLogger(__name__)


NAMES = {
    "contradictions": "image(s) under two labels",
    "copies": "set(s) of identical images",
    "near_duplicates": "pair(s) of near-duplicates",
    "outliers": "image(s) unlike the rest",
}
LENIENT = {"contradictions": "keep", "copies": "group", "near_duplicates": "group", "outliers": "keep"}


def find_refusals(
    paths: Sequence[str],
    copies: Sequence[Copies],
    matches: Sequence[Match],
    contradictions: Sequence[Copies],
    outliers: Sequence[Outlier],
    settings: AuditSettings,
) -> list[str]:
    """Say what was found that the settings do not allow, a sentence for each, and what to do about it.

    Args:
        paths: Of the N images, which the rows of all others mean.
        copies: Images that are one.
        matches: Near-duplicates.
        contradictions: Those of either whose labels differ.
        outliers: Images unlike the rest.
        settings: What is to be done.
    """
    found: dict[str, list[tuple[int, ...]]] = {
        "contradictions": [one.rows for one in contradictions],
        "copies": [one.rows for one in copies],
        "near_duplicates": [match[:2] for match in matches],
        "outliers": [(outlier.row,) for outlier in outliers],
    }
    return [
        f"data.{key}=fail, and there are {len(rows)} {NAMES[key]}: {_named(paths, rows)}; "
        f"mend the images or set data.{key}={LENIENT[key]}"
        for key, rows in found.items()
        if rows and getattr(settings, key) == "fail"
    ]


def warn_of_contradictions(paths: Sequence[str], contradictions: Sequence[Copies]) -> None:
    """Warn of labels that cannot all be right."""
    if contradictions:
        logger.warning(
            "%d image(s) under two labels, which cannot both be right: %s",
            len(contradictions),
            _named(paths, [one.rows for one in contradictions]),
        )


def find_dropped(
    paths: Sequence[str],
    labels: Sequence[str],
    copies: Sequence[Copies],
    matches: Sequence[Match],
    contradictions: Sequence[Copies],
    outliers: Sequence[Outlier],
    settings: AuditSettings,
) -> dict[int, str]:
    """Decide which of N images are left out; the arguments are those of `find_refusals`.

    Of images that show the same, the first by path stays; where their labels differ, the first of each
    label, for nothing says which label is right.

    Returns:
        Why, by row.
    """
    dropped: dict[int, str] = {}
    if settings.contradictions == "drop":
        dropped |= {row: "stands under several labels" for found in contradictions for row in found.rows}
    if settings.outliers == "drop":
        dropped |= {outlier.row: f"unlike the rest in {outlier.kind}" for outlier in outliers}
    names = [str(row) for row in range(len(paths))]
    image = join_groups(names, names, _pairs(found.rows for found in copies))
    if settings.near_duplicates == "drop":
        versions = [match[:2] for match in matches if match.kind == "picture"]
        picture = join_groups(image, names, versions)
        dropped |= _repeated("near-duplicate", picture, image, paths, labels, dropped)
    if settings.copies == "drop":
        dropped |= _repeated("copy", image, names, paths, labels, dropped)
    return dropped


def _repeated(
    name: str,
    sets: Sequence[str],
    parts: Sequence[str],
    paths: Sequence[str],
    labels: Sequence[str],
    dropped: dict[int, str],
) -> dict[int, str]:
    """Of each set and label, all that are in another part than the first by path of those that are left."""
    first: dict[tuple[str, str], int] = {}
    found: dict[int, str] = {}
    for row in sorted(range(len(paths)), key=paths.__getitem__):
        if row in dropped:
            continue
        kept = first.setdefault((sets[row], labels[row]), row)
        if parts[row] != parts[kept]:
            found[row] = f"{name} of {paths[kept]}"
    return found


def _named(paths: Sequence[str], found: Sequence[tuple[int, ...]]) -> str:
    return first_few(" and ".join(paths[row] for row in rows[:2]) for rows in found)


def _pairs(sets: Iterable[Sequence[int]]) -> list[tuple[int, int]]:
    return [(rows[0], row) for rows in sets for row in rows[1:]]
