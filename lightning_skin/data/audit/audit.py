"""A close look at all images before anything is trained on them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lightning_skin.data.audit.copies import Copies, between_copies, contradictory, find_copies
from lightning_skin.data.audit.outliers import Outlier, find_outliers
from lightning_skin.data.audit.policies import find_dropped, find_refusals, warn_of_contradictions
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.search import near_duplicates
from lightning_skin.data.examples import first_few
from lightning_skin.data.grouping import join_groups
from lightning_skin.data.inspection import Facts, inspect_images
from lightning_skin.data.sources import Source
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

KNOWN = ["content_hash", "width", "height"]
"""What a look at the files tells; a source may bring the content hashes that it expects."""


@dataclass(frozen=True)
class Audit:
    """What was found in a source, and what remains of it.

    Attributes:
        images: What remains: the source's columns, ``content_hash``, ``width``, ``height``; in ``group`` also
            what copies and near-duplicates join.
        readable: All images that can be read, in the source's own groups.
        broken: Columns ``path``, ``label`` and ``error`` of the others.
        copies: Sets of images with the same bytes or pixels.
        matches: Near-duplicates; of copies, the first. All rows are those of ``readable``.
        contradictions: Of copies and matches, those whose labels differ.
        outliers: Images unlike the rest.
        dropped: Why an image of ``readable`` is not in ``images``, by its row.
        refused: What was found that the settings do not allow, a sentence for each; ``images`` is then what
            the mildest settings would leave.
    """

    images: pd.DataFrame
    readable: pd.DataFrame
    broken: pd.DataFrame
    copies: list[Copies]
    matches: list[Match]
    contradictions: list[Copies]
    outliers: list[Outlier]
    dropped: dict[int, str]
    refused: list[str]

    def require_allowed(self) -> None:
        """Stop where something was found that the settings do not allow.

        Raises:
            InputError: It was.
        """
        if self.refused:
            raise InputError(self.refused[0])

    def require_classes(self) -> None:
        """Stop where a class lost all images.

        Raises:
            InputError: One did.
        """
        labels = {*self.readable["label"], *self.broken["label"]}
        if lost := sorted(labels - set(self.images["label"])):
            policy = ", leave out less than data.*=drop does" if self.dropped else ""
            raise InputError(
                f"class {lost[0]} has no image left that can be used; repair its files{policy}, "
                f"or drop the class with data.labels={{{lost[0]}: null}}"
            )


def audit_images(source: Source, settings: AuditSettings) -> Audit:
    """Look at every image of a source and do as the settings say.

    Raises:
        InputError: An image is not what the source expects.
    """
    cache_dir = None if settings.cache_dir is None else Path(settings.cache_dir).expanduser()
    facts = inspect_images(source.root, source.table["path"].tolist(), cache_dir)
    table = source.table.drop(columns=KNOWN, errors="ignore").reset_index(drop=True)
    whole = (facts.table["error"] == "").to_numpy()
    broken = table.loc[~whole, ["path", "label"]].assign(error=facts.table["error"][~whole])
    refused = _judge_broken(source, broken, settings.on_broken)
    facts = facts.take(whole)
    readable = pd.concat([table[whole].reset_index(drop=True), facts.table[KNOWN]], axis=1)
    if "content_hash" in source.table:
        _require_unchanged(source.root, readable, source.table["content_hash"][whole].tolist())
    readable["group"] = readable["group"].where(readable["group"] != "", readable["path"])
    paths, labels, hashes = (readable[name].tolist() for name in ("path", "label", "content_hash"))
    found = _matches(source.root, readable, facts, settings, cache_dir)
    copies = find_copies(hashes, [match for match in found if match.kind == "pixels"])
    matches = between_copies((match for match in found if match.kind != "pixels"), copies)
    contradictions = contradictory(copies, matches, labels)
    outliers = find_outliers(facts)
    refused += find_refusals(paths, copies, matches, contradictions, outliers, settings)
    if settings.contradictions == "keep":
        warn_of_contradictions(paths, contradictions)
    dropped = find_dropped(paths, labels, copies, matches, contradictions, outliers, settings)
    pairs = [(found.rows[0], row) for found in copies for row in found.rows[1:]]
    pairs += [match[:2] for match in matches]
    images = _remaining(readable, pairs, dropped)
    return Audit(images, readable, broken, copies, matches, contradictions, outliers, dropped, refused)


def _judge_broken(source: Source, broken: pd.DataFrame, on_broken: str) -> list[str]:
    """Say that they are not allowed, or warn of them."""
    if broken.empty:
        return []
    named = first_few(
        f"{source.root / path}: {error}" for path, error in zip(broken["path"], broken["error"], strict=True)
    )
    if on_broken == "fail":
        prepared = "content_hash" in source.table
        remedy = "put them back, prepare anew with mode=prepare" if prepared else "repair or remove them"
        return [
            f"{len(broken)} image(s) cannot be read: {named}; {remedy}, "
            "or leave them out with data.on_broken=skip"
        ]
    logger.warning("Skipped %d image(s) that cannot be read: %s", len(broken), named)
    return []


def _require_unchanged(root: Path, readable: pd.DataFrame, expected: Sequence[str]) -> None:
    changed = readable["path"][readable["content_hash"] != expected]
    if len(changed):
        raise InputError(
            f"{len(changed)} image(s) of {root} have changed since they were prepared: {first_few(changed)}; "
            "restore them, or prepare anew with mode=prepare"
        )


def _matches(
    root: Path, readable: pd.DataFrame, facts: Facts, settings: AuditSettings, cache_dir: Path | None
) -> list[Match]:
    if settings.near_duplicates == "ignore":
        return []
    first = ~readable["content_hash"].duplicated().to_numpy()
    rows = readable.index[first].tolist()
    paths = readable["path"][first].tolist()
    found = near_duplicates(root, paths, facts.take(first), settings.search, cache_dir)
    return [match._replace(first=rows[match.first], second=rows[match.second]) for match in found]


def _remaining(
    readable: pd.DataFrame, pairs: Sequence[tuple[int, int]], dropped: dict[int, str]
) -> pd.DataFrame:
    own = readable["group"].tolist()
    groups = join_groups(own, readable["content_hash"].tolist(), pairs)
    images = readable.assign(group=groups)
    if groups != own:
        # A lesion that was joined to another can still be recognised in another data set.
        images["own_group"] = own
    return images.drop(index=list(dropped)).reset_index(drop=True)
