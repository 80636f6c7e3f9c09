"""An audit in plain values: what audit.json holds and the page shows."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd

from lightning_skin.data.audit.audit import Audit
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.leakage import ANY_TWO, leak_table, leaking_groups
from lightning_skin.data.listing import other_files
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.split import SPLITS

FEW_GROUPS = 10
"""A class with fewer lesions or patients has one or two in the test split."""

POLICIES = {
    "broken": "on_broken",
    "copies": "copies",
    "near_duplicates": "near_duplicates",
    "contradictions": "contradictions",
    "outliers": "outliers",
}


def audit_document(
    manifest: Manifest, audit: Audit, settings: AuditSettings, refused: Sequence[str] = ()
) -> dict[str, Any]:
    """Describe an audit and the split that follows from it.

    Args:
        manifest: The images that remain, with their split.
        audit: What was found.
        settings: What was to be done about it.
        refused: Why the manifest cannot be used; empty where it can.

    Returns:
        Values that JSON can hold; ``lightning_skin.data.audit.page`` draws them.
    """
    return {
        "root": str(manifest.root),
        "manifest_hash": manifest.hash,
        "refused": list(refused),
        "search": settings.search,
        "images": len(audit.readable) + len(audit.broken),
        "read": len(audit.readable),
        "groups": int(manifest.table["group"].nunique()),
        "policies": {
            kind: {"key": f"data.{name}", "value": getattr(settings, name)} for kind, name in POLICIES.items()
        },
        "classes": [_class(str(label), rows) for label, rows in manifest.table.groupby("label")],
        "leakage": _leakage(manifest),
        "shared": _shared(manifest),
        **_findings(manifest, audit, settings),
        "small_classes": list(_small_classes(manifest)),
        "licences": _licences(manifest),
        "not_images": other_files(manifest.root),
    }


def _findings(manifest: Manifest, audit: Audit, settings: AuditSettings) -> dict[str, list[dict[str, Any]]]:
    entries = _entries(manifest, audit)
    return {
        "broken": [
            {"path": path, "label": label, "reason": error}
            for path, label, error in audit.broken.itertuples(index=False)
        ],
        "copies": [
            {"kind": found.kind, "images": [entries[row] for row in found.rows]} for found in audit.copies
        ],
        "near_duplicates": [
            {
                "images": [entries[match.first], entries[match.second]],
                "kind": match.kind,
                "similarity": round(match.similarity, 3),
                "change": match.change,
                "action": _action(match, entries, audit, settings),
            }
            for match in audit.matches
        ],
        "contradictions": [
            {
                "kind": found.kind,
                "images": [entries[row] for row in found.rows],
                "labels": sorted({entries[row]["label"] for row in found.rows}),
            }
            for found in audit.contradictions
        ],
        "outliers": [
            {
                "path": entries[outlier.row]["path"],
                "label": entries[outlier.row]["label"],
                "kind": outlier.kind,
                "value": outlier.value,
                "typical": outlier.typical,
            }
            for outlier in audit.outliers
        ],
        "dropped": [
            {"path": entries[row]["path"], "reason": reason} for row, reason in sorted(audit.dropped.items())
        ],
    }


def _entries(manifest: Manifest, audit: Audit) -> list[dict[str, str]]:
    """Each readable image with its own group, before any were joined."""
    splits = dict(zip(manifest.table["path"], manifest.table["split"], strict=True))
    columns = audit.readable[["path", "label", "group"]]
    return [
        {"path": path, "label": label, "group": group, "split": splits.get(path, "")}
        for path, label, group in columns.itertuples(index=False)
    ]


def _action(match: Match, entries: Sequence[Mapping[str, str]], audit: Audit, settings: AuditSettings) -> str:
    if match.first in audit.dropped or match.second in audit.dropped:
        return "dropped"
    if entries[match.first]["group"] == entries[match.second]["group"]:
        return "already in one group"
    return "not allowed" if settings.near_duplicates == "fail" else "grouped"


def _class(label: str, rows: pd.DataFrame) -> dict[str, Any]:
    counts = {split: int((rows["split"] == split).sum()) for split in SPLITS}
    return {
        "label": label,
        "images": len(rows),
        "groups": int(rows["group"].nunique()),
        "splits": {split: {"images": count, "share": count / len(rows)} for split, count in counts.items()},
    }


def _leakage(manifest: Manifest) -> list[dict[str, Any]]:
    table = leak_table(manifest)
    pairs = table[table["splits"] != ANY_TWO]
    names = {" and ".join(pair): list(pair) for pair in combinations(SPLITS, 2)}
    return [
        {
            "label": row.label,
            "splits": names[str(row.splits)],
            "groups": int(str(row.groups)),
            "images": int(str(row.images)),
            "duplicates": int(str(row.duplicates)),
        }
        for row in pairs.itertuples(index=False)
    ]


def _shared(manifest: Manifest) -> dict[str, int]:
    """What any two splits share: a group of several classes, or in three splits, counts once."""
    table = leak_table(manifest)
    counts = table[table["splits"] == ANY_TWO][["images", "duplicates"]].sum()
    return {
        "groups": len(leaking_groups(manifest)),
        "images": int(counts["images"]),
        "duplicates": int(counts["duplicates"]),
    }


def _small_classes(manifest: Manifest) -> Iterable[dict[str, Any]]:
    for label, rows in manifest.table.groupby("label"):
        groups = int(rows["group"].nunique())
        if groups < FEW_GROUPS:
            advice = f"add images, or merge or drop the class with data.labels={{{label}: null}}"
            yield {"label": label, "images": len(rows), "groups": groups, "advice": advice}


def _licences(manifest: Manifest) -> list[dict[str, Any]]:
    if "licence" not in manifest.table:
        return []
    counts = manifest.table["licence"].replace("", "not stated").value_counts()
    return [{"licence": str(name), "images": int(count)} for name, count in counts.items()]
