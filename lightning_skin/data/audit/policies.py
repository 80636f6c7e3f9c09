"""What is done about what an audit finds."""

import logging
from collections.abc import Iterable, Sequence

from lightning_skin.data.audit.copies import Copies
from lightning_skin.data.audit.outliers import Outlier
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.examples import first_few
from lightning_skin.data.grouping import join_groups
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)


def refuse_findings(
    paths: Sequence[str],
    copies: Sequence[Copies],
    matches: Sequence[Match],
    contradictions: Sequence[Copies],
    outliers: Sequence[Outlier],
    settings: AuditSettings,
) -> None:
    """Stop at what is to stop, and warn of labels that cannot all be right where they are kept.

    Args:
        paths: Of the N images, which the rows of all others mean.
        copies: Images that are one.
        matches: Near-duplicates.
        contradictions: Those of either whose labels differ.
        outliers: Images unlike the rest.
        settings: What is to be done.

    Raises:
        InputError: Something was found that the settings do not allow.
    """
    findings: dict[str, tuple[str, str, str, list[tuple[int, ...]]]] = {
        "contradictions": (
            "image(s) under two labels",
            settings.contradictions,
            "keep",
            [found.rows for found in contradictions],
        ),
        "copies": ("set(s) of identical images", settings.copies, "group", [found.rows for found in copies]),
        "near_duplicates": (
            "pair(s) of near-duplicates",
            settings.near_duplicates,
            "group",
            [match[:2] for match in matches],
        ),
        "outliers": (
            "image(s) unlike the rest",
            settings.outliers,
            "keep",
            [(outlier.row,) for outlier in outliers],
        ),
    }
    for key, (name, policy, lenient, found) in findings.items():
        if found and policy == "fail":
            raise InputError(
                f"data.{key}=fail, and there are {len(found)} {name}: {_named(paths, found)}; "
                f"mend the images or set data.{key}={lenient}"
            )
    if contradictions and settings.contradictions == "keep":
        named = _named(paths, findings["contradictions"][-1])
        logger.warning(
            "%d image(s) under two labels, which cannot both be right: %s", len(contradictions), named
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
    """Decide which of N images are left out; the arguments are those of `refuse_findings`.

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
