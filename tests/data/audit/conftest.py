"""A small audit document, as audit.json holds it."""

from collections.abc import Callable
from typing import Any

import pytest

SPLIT_PAIRS = (("train", "val"), ("train", "test"), ("val", "test"))


def class_row(label: str, counts: dict[str, int]) -> dict[str, Any]:
    images = sum(counts.values())
    splits = {split: {"images": count, "share": count / images} for split, count in counts.items()}
    return {"label": label, "images": images, "groups": images // 2, "splits": splits}


@pytest.fixture
def audit() -> dict[str, Any]:
    """A collection of two classes in which nothing was found."""
    values = {
        "broken": "skip",
        "copies": "group",
        "near_duplicates": "group",
        "contradictions": "keep",
        "outliers": "keep",
    }
    return {
        "root": "/data/clinic",
        "created": "2026-11-25T02:00:00+00:00",
        "version": "0.1.0",
        "manifest_hash": "9f2c" * 16,
        "refused": [],
        "search": "lesions",
        "seconds": 41.23,
        "images": 1200,
        "read": 1200,
        "groups": 600,
        "policies": {kind: {"key": f"data.{kind}", "value": value} for kind, value in values.items()},
        "classes": [
            class_row("mel", {"train": 140, "val": 16, "test": 44}),
            class_row("nv", {"train": 690, "val": 110, "test": 200}),
        ],
        "leakage": [
            {"label": label, "splits": list(pair), "groups": 0, "images": 0, "duplicates": 0}
            for label in ("mel", "nv")
            for pair in SPLIT_PAIRS
        ],
        "shared": {"groups": 0, "images": 0, "duplicates": 0},
        "broken": [],
        "copies": [],
        "near_duplicates": [],
        "contradictions": [],
        "outliers": [],
        "small_classes": [],
        "licences": [],
        "not_images": [],
        "dropped": [],
    }


@pytest.fixture
def image() -> Callable[..., dict[str, str]]:
    """An image as the lists of the document name it."""

    def entry(path: str, label: str = "nv", split: str = "train", group: str = "") -> dict[str, str]:
        return {"path": path, "label": label, "group": group or path, "split": split}

    return entry


@pytest.fixture
def near() -> Callable[..., dict[str, Any]]:
    """A pair of near-duplicates."""

    def entry(*images: dict[str, str], similarity: float = 0.95, action: str = "grouped") -> dict[str, Any]:
        change = "turned by 90 degrees, cropped"
        return {
            "images": list(images),
            "kind": "picture",
            "similarity": similarity,
            "change": change,
            "action": action,
        }

    return entry
