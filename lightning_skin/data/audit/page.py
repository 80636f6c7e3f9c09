"""The audit as one page for people; audit.json holds the same for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any

import pandas as pd

from lightning_skin.data.audit.tables import class_table, largest_deviation, leaks_by_pair, split_names
from lightning_skin.data.audit.verdict import EFFECTS, NAMES, findings, headline
from lightning_skin.errors import InputError
from lightning_skin.page import data_uri, render_page
from lightning_skin.progress import track

LISTED = 100  # rows of a list of files
PICTURED = {"copies": 40, "near_duplicates": 150, "surest": 50, "contradictions": 40, "outliers": 60}
OF_A_SET = 4  # images shown of copies that are many

Entry = Mapping[str, Any]


def audit_page(audit: Entry, thumbnail: Callable[[str], bytes]) -> str:
    """Draw an audit as one self-contained HTML page.

    Args:
        audit: The document of ``audit.json``.
        thumbnail: Returns the JPEG of an image, given its path as the document names it. Called in several
            threads, once an image; where it raises `InputError` the page says that the image cannot be shown.

    Returns:
        The page. It shows at most `PICTURED` entries with pictures and `LISTED` rows of other lists, and says
        how many more there are.
    """
    pictured = {
        "copies": [_with_first_images(entry) for entry in audit["copies"]],
        **_both_ends(audit["near_duplicates"]),
        "contradictions": [_with_first_images(entry) for entry in audit["contradictions"]],
        "outliers": audit["outliers"],
    }
    shown = {kind: entries[: PICTURED[kind]] for kind, entries in pictured.items()}
    lines = findings(audit)
    splits = split_names(audit["classes"])
    rows = class_table(audit["classes"])
    pairs, leaks = leaks_by_pair(audit["leakage"])
    return render_page(
        "data/audit/page.html.j2",
        audit=audit,
        name=PurePath(audit["root"]).name or audit["root"],
        headline=headline(lines),
        lines=lines,
        names=NAMES,
        effects=EFFECTS,
        splits=splits,
        rows=rows,
        deviation=largest_deviation(rows, splits),
        split_pairs=pairs,
        leaks=leaks,
        shown=shown,
        listed=LISTED,
        thumbnails=_thumbnails(_paths(shown), thumbnail),
    )


def _both_ends(pairs: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The pairs with the most doubtful first, and those that are left of them with the surest first.

    The similarities of versions of a picture and of pictures of a lesion are different measures, so that each
    pair is ranked among its kind.
    """
    kinds = [pair["kind"] for pair in pairs]
    ranks = pd.Series([pair["similarity"] for pair in pairs], dtype=float).groupby(kinds).rank(pct=True)

    def sureness(row: int) -> tuple[bool, bool, float]:
        first, second = pairs[row]["images"]
        known = pairs[row]["action"] == "already in one group"
        return first["label"] == second["label"], known, ranks[row]

    rows = sorted(range(len(pairs)), key=sureness)
    left = sorted(rows[PICTURED["near_duplicates"] :], key=lambda row: -ranks[row])
    return {"near_duplicates": [pairs[row] for row in rows], "surest": [pairs[row] for row in left]}


def _with_first_images(entry: Entry) -> dict[str, Any]:
    """Show few of many images, but each label among them as far as there is room."""
    images: Sequence[Entry] = entry["images"]
    of_each_label = list({image["label"]: image for image in reversed(images)}.values())[::-1]
    others = [image for image in images if image not in of_each_label]
    return {**entry, "first": [*of_each_label, *others][:OF_A_SET]}


def _paths(shown: Mapping[str, Sequence[Entry]]) -> list[str]:
    """Paths of the images that the page pictures: of copies the first one, for the others look the same."""
    images: Iterable[Entry] = [
        *(entry["first"][0] for entry in shown["copies"]),
        *(image for pair in [*shown["near_duplicates"], *shown["surest"]] for image in pair["images"]),
        *(image for entry in shown["contradictions"] for image in entry["first"]),
        *shown["outliers"],
    ]
    return list(dict.fromkeys(image["path"] for image in images))


def _thumbnails(paths: Sequence[str], thumbnail: Callable[[str], bytes]) -> dict[str, str]:
    """Addresses of the thumbnails; empty for an image that cannot be shown."""

    def address(path: str) -> str:
        try:
            return data_uri(thumbnail(path), "image/jpeg")
        except InputError:
            return ""

    with ThreadPoolExecutor() as pool:
        made = track(pool.map(address, paths), "Drawing thumbnails", total=len(paths))
        return dict(zip(paths, made, strict=True))
