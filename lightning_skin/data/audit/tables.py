"""The tables of classes and of leakage, as a page shows them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lightning_skin.data.split import SPLITS


class Deviation(NamedTuple):
    """Where a class is furthest from its fair share.

    Attributes:
        points: Share of the class in the split less the split's share of all images, in percentage points.
        label: The class.
        split: The split.
    """

    points: float
    label: str
    split: str


class ClassRow(NamedTuple):
    """A class, or all of them, over the splits.

    Attributes:
        label: The class.
        images: Number of its images.
        share: Of all images, in [0, 1].
        groups: Number of its groups.
        cells: Number of its images in each split, and what share of the class that is.
    """

    label: str
    images: int
    share: float
    groups: int
    cells: list[tuple[int, float]]


def split_names(classes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the splits of the class table: train, val and test first."""
    names = {name: None for row in classes for name in row["splits"]}
    return [*(name for name in SPLITS if name in names), *(name for name in names if name not in SPLITS)]


def class_table(classes: Sequence[Mapping[str, Any]]) -> list[ClassRow]:
    """Return a row for each class and, last, that of all images."""
    images = sum(row["images"] for row in classes)
    names = split_names(classes)
    empty = {"images": 0, "share": 0.0}
    rows = []
    for row in classes:
        cells = [row["splits"].get(name, empty) for name in names]
        counts = [(cell["images"], cell["share"]) for cell in cells]
        rows.append(
            ClassRow(row["label"], row["images"], row["images"] / max(1, images), row["groups"], counts)
        )
    totals = [sum(row.cells[index][0] for row in rows) for index in range(len(names))]
    shares = [(count, count / max(1, images)) for count in totals]
    return [*rows, ClassRow("All", images, 1.0, sum(row.groups for row in rows), shares)]


def largest_deviation(rows: Sequence[ClassRow], names: Sequence[str]) -> Deviation | None:
    """Find the class and split furthest from the split's share of all images; ``None`` without splits."""
    *classes, total = rows
    deviations = [
        Deviation(100 * (share - overall), row.label, name)
        for row in classes
        for name, (_, share), (_, overall) in zip(names, row.cells, total.cells, strict=True)
    ]
    return max(deviations, key=lambda deviation: abs(deviation.points), default=None)


def leaks_by_pair(
    leakage: Sequence[Mapping[str, Any]],
) -> tuple[list[tuple[str, str]], dict[str, dict[tuple[str, str], Mapping[str, Any]]]]:
    """Arrange the leaks of each class by pair of splits.

    Returns:
        The pairs of splits, and for each label the document's row for each pair.
    """
    pairs: dict[tuple[str, str], None] = {}
    rows: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = {}
    for row in leakage:
        first, second = row["splits"]
        pairs[first, second] = None
        rows.setdefault(row["label"], {})[first, second] = row
    return list(pairs), rows
