"""All near-duplicates of a set of images, remembered for the same images."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from lightning_skin.atomic import atomic_path
from lightning_skin.data.cache_dir import dispensable
from lightning_skin.data.duplicates.lesions import same_lesions
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.pictures import same_pictures
from lightning_skin.data.inspection import Facts

VERSION = 2


def near_duplicates(
    root: Path,
    paths: Sequence[str],
    facts: Facts,
    search: Literal["pictures", "lesions"],
    cache_dir: Path | None,
) -> list[Match]:
    """Find the pairs of images that show the same, each once, in the order of the rows.

    Args:
        root: Folder that the paths are relative to.
        paths: Of N readable images, no two with the same bytes.
        facts: Of the same images.
        search: ``pictures`` finds versions of one picture; ``lesions`` also other pictures of one lesion.
        cache_dir: Where to remember; ``None`` does not.
    """
    hashes = facts.table["content_hash"]
    name = hashlib.sha256("\n".join([search, *sorted(hashes)]).encode()).hexdigest()[:32]
    file = None if cache_dir is None else cache_dir / f"near_duplicates_{name}_v{VERSION}.json"
    if file is not None and (known := _read(file, hashes)) is not None:
        return known
    # In the order of their contents: names and their order have no say in what is found.
    order = hashes.sort_values().index.to_numpy()
    sorted_facts = Facts(facts.table.iloc[order].reset_index(drop=True), facts.thumbnails[order])
    sorted_paths = [paths[row] for row in order]
    found = same_pictures(root, sorted_paths, sorted_facts)
    if search == "lesions":
        alike = {match[:2] for match in found}
        others = same_lesions(root, sorted_paths, sorted_facts, cache_dir)
        found += [match for match in others if match[:2] not in alike]
    rows = [(int(order[match.first]), int(order[match.second])) for match in found]
    matches = sorted(
        match._replace(first=min(pair), second=max(pair)) for match, pair in zip(found, rows, strict=True)
    )
    if file is not None:
        _write(file, matches, hashes)
    return matches


def _read(file: Path, hashes: "pd.Series[str]") -> list[Match] | None:
    """What was found in the same images; ``None`` where nothing was, or not by this version."""
    row_of = {content: row for row, content in enumerate(hashes)}
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        matches = [
            Match(row_of[one], row_of[other], str(kind), float(similarity), str(change))
            for one, other, kind, similarity, change in stored
        ]
        return sorted(match._replace(first=min(match[:2]), second=max(match[:2])) for match in matches)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(file: Path, matches: Sequence[Match], hashes: "pd.Series[str]") -> None:
    entries = [[hashes.iloc[match.first], hashes.iloc[match.second], *match[2:]] for match in matches]
    with dispensable(file), atomic_path(file) as path:
        path.write_text(json.dumps(entries), encoding="utf-8")
