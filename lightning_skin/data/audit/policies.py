"""What is done about what an audit finds."""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lightning_skin.data.audit.outliers import Outlier
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.examples import first_few
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)


class Copies(NamedTuple):
    """Images that are one: rows of the readable images; ``bytes`` or ``pixels``."""

    kind: str
    rows: tuple[int, ...]


def judge(
    paths: Sequence[str],
    copies: Sequence[Copies],
    matches: Sequence[Match],
    contradictions: Sequence[Copies],
    outliers: Sequence[Outlier],
    settings: AuditSettings,
) -> dict[int, str]:
    """Decide which images are left out.

    Returns:
        Why, by row.

    Raises:
        InputError: Something was found that the settings do not allow.
    """
    findings: dict[str, tuple[str, str, list[tuple[int, ...]]]] = {
        "contradictions": (settings.contradictions, "keep", [found.rows for found in contradictions]),
        "copies": (settings.copies, "group", [found.rows for found in copies]),
        "near_duplicates": (settings.near_duplicates, "group", [match[:2] for match in matches]),
        "outliers": (settings.outliers, "keep", [(outlier.row,) for outlier in outliers]),
    }
    for kind, (policy, lenient, found) in findings.items():
        if found and policy == "fail":
            named = first_few(" and ".join(paths[row] for row in rows[:2]) for rows in found)
            raise InputError(
                f"{len(found)} {kind.replace('_', '-')} found ({named}), which data.{kind}=fail refuses; "
                f"mend the images or set data.{kind}={lenient}"
            )
    if contradictions and settings.contradictions == "keep":
        named = first_few(paths[found.rows[0]] for found in contradictions)
        logger.warning(
            "%d image(s) or sets of near-duplicates stand under several labels: %s",
            len(contradictions),
            named,
        )
    dropped: dict[int, str] = {}
    if settings.contradictions == "drop":
        dropped |= {row: "stands under several labels" for found in contradictions for row in found.rows}
    if settings.outliers == "drop":
        dropped |= {outlier.row: f"unlike the rest in {outlier.kind}" for outlier in outliers}
    if settings.copies == "drop":
        dropped |= _repeated((found.rows for found in copies), "copy", paths, dropped)
    if settings.near_duplicates == "drop":
        versions = (match[:2] for match in matches if match.kind == "picture")
        dropped |= _repeated(versions, "near-duplicate", paths, dropped)
    return dropped


def _repeated(
    alike: Iterable[Sequence[int]], name: str, paths: Sequence[str], dropped: dict[int, str]
) -> dict[int, str]:
    """All but the first by path of each set, unless those before it are left out already."""
    found: dict[int, str] = {}
    for rows in alike:
        kept, *others = sorted(rows, key=lambda row: (row in dropped or row in found, paths[row]))
        found |= {row: f"{name} of {paths[kept]}" for row in others if row not in dropped}
    return found
