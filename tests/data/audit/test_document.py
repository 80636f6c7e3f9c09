import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lightning_skin.data.audit.audit import Audit
from lightning_skin.data.audit.copies import Copies
from lightning_skin.data.audit.document import audit_document
from lightning_skin.data.audit.outliers import Outlier
from lightning_skin.data.audit.page import audit_page
from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.manifest import Manifest

SETTINGS = AuditSettings("skip", "drop", "group", "lesions", "keep", "keep", cache_dir=None)


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """Six readable images, of which b is a dropped copy of a, and c and d, d and e near-duplicates."""
    (tmp_path / "notes.txt").touch()
    readable = pd.DataFrame(
        {
            "path": [f"{name}.png" for name in "abcdef"],
            "label": ["mel", "mel", "mel", "nv", "nv", "nv"],
            "group": ["a", "b", "c", "l1", "l1", "f"],
            "content_hash": ["1", "1", "3", "4", "5", "6"],
            "licence": ["CC-0", "CC-0", "CC-0", "", "CC-BY", "CC-BY"],
        }
    )
    images = readable.drop(index=1).assign(group=["a", "c", "c", "c", "f"])
    audit = Audit(
        images=images,
        readable=readable,
        broken=pd.DataFrame({"path": ["x.png"], "label": ["nv"], "error": ["the file is empty"]}),
        copies=[Copies("bytes", (0, 1))],
        matches=[Match(2, 3, "picture", 0.98765, "flipped"), Match(3, 4, "lesion", 0.5, "")],
        contradictions=[Copies("near", (2, 3))],
        outliers=[Outlier(5, "size", "9 x 9 px", "200 x 150 px")],
        dropped={1: "copy of a.png"},
        refused=[],
    )
    manifest = Manifest(tmp_path, images.assign(split=["train", "train", "test", "test", "val"]))
    return audit_document(manifest, audit, SETTINGS)


def test_the_document_is_plain_and_the_page_can_be_drawn_from_it(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document)) == document
    more = {"created": "2026-11-25T02:00:00+00:00", "version": "0.1.0", "seconds": 1.0}
    page = audit_page(document | more, lambda path: path.encode())
    for said in ("copy of a.png", "the file is empty", "9 x 9 px", "notes.txt", "not stated"):
        assert said in page


def test_images_are_counted_as_found_read_and_left(document: dict[str, Any]) -> None:
    assert (document["images"], document["read"], document["groups"]) == (7, 6, 3)
    assert document["classes"] == [
        {
            "label": "mel",
            "images": 2,
            "groups": 2,
            "splits": {
                "train": {"images": 2, "share": 1.0},
                "val": {"images": 0, "share": 0.0},
                "test": {"images": 0, "share": 0.0},
            },
        },
        {
            "label": "nv",
            "images": 3,
            "groups": 2,
            "splits": {
                "train": {"images": 0, "share": 0.0},
                "val": {"images": 1, "share": pytest.approx(1 / 3)},
                "test": {"images": 2, "share": pytest.approx(2 / 3)},
            },
        },
    ]


def test_each_finding_names_its_images_with_split_and_own_group(document: dict[str, Any]) -> None:
    first, copy = document["copies"][0]["images"]
    assert first == {"path": "a.png", "label": "mel", "group": "a", "split": "train"}
    assert copy == {"path": "b.png", "label": "mel", "group": "b", "split": ""}
    picture, lesion = document["near_duplicates"]
    assert (picture["similarity"], picture["change"], picture["action"]) == (0.988, "flipped", "grouped")
    assert [image["group"] for image in picture["images"]] == ["c", "l1"]
    assert (lesion["kind"], lesion["action"]) == ("lesion", "already in one group")
    assert document["contradictions"][0]["labels"] == ["mel", "nv"]
    assert document["broken"] == [{"path": "x.png", "label": "nv", "reason": "the file is empty"}]
    assert document["dropped"] == [{"path": "b.png", "reason": "copy of a.png"}]
    assert document["outliers"] == [
        {"path": "f.png", "label": "nv", "kind": "size", "value": "9 x 9 px", "typical": "200 x 150 px"}
    ]


def test_what_near_duplicates_share_between_splits_is_in_the_leak_table(document: dict[str, Any]) -> None:
    leaks = {(row["label"], *row["splits"]): (row["groups"], row["images"]) for row in document["leakage"]}
    # Group c lies in train as mel and in test as nv, and counts for both.
    assert leaks["mel", "train", "test"] == (1, 1)
    assert leaks["nv", "train", "test"] == (1, 2)
    assert sum(groups for groups, _ in leaks.values()) == 2


def test_small_classes_licences_other_files_and_policies_are_told(document: dict[str, Any]) -> None:
    assert [(row["label"], row["images"], row["groups"]) for row in document["small_classes"]] == [
        ("mel", 2, 2),
        ("nv", 3, 2),
    ]
    assert "data.labels={mel: null}" in document["small_classes"][0]["advice"]
    assert {row["licence"]: row["images"] for row in document["licences"]} == {
        "CC-0": 2,
        "CC-BY": 2,
        "not stated": 1,
    }
    assert document["not_images"] == ["notes.txt"]
    assert document["policies"]["copies"] == {"key": "data.copies", "value": "drop"}
    assert document["policies"]["broken"] == {"key": "data.on_broken", "value": "skip"}
    assert document["search"] == "lesions"
