"""The manifest: one row an image, the split a column, a hash that names the data of a run."""

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightning_skin.atomic import atomic_path
from lightning_skin.data.reading import inspect_images
from lightning_skin.data.sources import Source
from lightning_skin.data.split import SPLITS, assign_splits
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

REQUIRED = ("path", "label", "split", "group", "content_hash")
NAMED_AT_MOST = 5


@dataclass(frozen=True)
class Manifest:
    """The images of a run.

    Attributes:
        root: Folder that the paths are relative to.
        table: Columns ``path``, ``label``, ``split`` (train, val, test), ``group`` (lesion or patient),
            ``content_hash``, ``width``, ``height`` and what else the source knows.
    """

    root: Path
    table: pd.DataFrame

    @property
    def class_names(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted(set(self.table["label"])))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over path, label, split, group and content of every image, whatever their order."""
        rows = self.table[list(REQUIRED)].sort_values("path")
        return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()

    @property
    def leaking_groups(self) -> list[str]:
        """Groups with images in more than one split, sorted; none unless a given split has them."""
        splits = self.table.groupby("group")["split"].nunique()
        return sorted(splits.index[splits > 1])

    def rows(self, split: str) -> pd.DataFrame:
        """The images of one split."""
        return self.table[self.table["split"] == split].reset_index(drop=True)

    def write(self, path: Path) -> None:
        """Write the table as CSV; the root goes into its first, commented line."""
        with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            file.write(f"# root: {self.root}\n")
            self.table.to_csv(file, index=False, lineterminator="\n")


def read_manifest(path: Path) -> Manifest:
    """Read what ``Manifest.write`` wrote.

    Raises:
        InputError: The file is missing or is no manifest, or the images' folder is gone.
    """
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline()
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; name the data with data=folder data.root=FOLDER") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a manifest: {error}") from None
    if not first.startswith("# root: ") or not set(REQUIRED) <= set(table):
        raise InputError(f"{path} is not a manifest, expected the columns {', '.join(REQUIRED)}")
    root = Path(first.removeprefix("# root: ").rstrip("\n"))
    if not root.is_dir():
        raise InputError(
            f"{root}, the folder of the run's images, is gone; name it with data=folder data.root=FOLDER"
        )
    return Manifest(root, table)


def build_manifest(
    source: Source, fractions: Sequence[float], seed: int, on_broken: str, allow_leakage: bool
) -> Manifest:
    """Check every image, join copies to groups, and split.

    A split that the source brings along is kept; where it has no ``val``, that is taken from ``train``.

    Args:
        source: Images with labels.
        fractions: Shares of train, val and test.
        seed: Of the split.
        on_broken: ``skip`` names images that cannot be read and goes on; ``fail`` stops.
        allow_leakage: Whether a split that the source brings along may divide a group.

    Raises:
        InputError: An image is broken and ``on_broken`` is ``fail``; a class lost all images; no split
            can be made, or the given one leaks.
    """
    table = _readable(source, on_broken)
    if (table["split"] == "").all():
        table["split"] = assign_splits(table["label"].tolist(), table["group"].tolist(), fractions, seed)
    else:
        table["split"] = _complete_splits(table, fractions, seed)
    if untrained := sorted(set(table["label"]) - set(table["label"][table["split"] == "train"])):
        raise InputError(
            f"class {untrained[0]} of {source.root} has no training image; add some or remove the class"
        )
    manifest = _manifest(source.root, table)
    _judge_leakage(manifest, allow_leakage)
    return manifest


def build_test_manifest(source: Source, on_broken: str) -> Manifest:
    """Check every image of a data set that only serves to test: its own test split, or all of it.

    Raises:
        InputError: An image is broken and ``on_broken`` is ``fail``; a class lost all images.
    """
    table = _readable(source, on_broken)
    if not (table["split"] == "test").any():
        table["split"] = "test"
    return _manifest(source.root, table)


def join_copies(groups: Sequence[str], content_hashes: Sequence[str]) -> list[str]:
    """Give byte-identical images one group, together with everything in their groups.

    Returns:
        The group of each image: the alphabetically first of the joined ones.
    """
    names, group_index = np.unique(np.asarray(groups), return_inverse=True)
    _, hash_index = np.unique(np.asarray(content_hashes), return_inverse=True)
    size = len(names) + hash_index.max() + 1
    edges = coo_array((np.ones(len(groups)), (group_index, len(names) + hash_index)), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    first = pd.Series(names).groupby(component[: len(names)]).first()
    return first.loc[component[group_index]].tolist()


def _readable(source: Source, on_broken: str) -> pd.DataFrame:
    paths = [source.root / path for path in source.table["path"]]
    facts = pd.DataFrame(inspect_images(paths, workers=os.cpu_count() or 1), index=source.table.index)
    broken = facts["error"] != ""
    if broken.any():
        named = [f"{paths[row]}: {facts['error'].iloc[row]}" for row in np.flatnonzero(broken)]
        if on_broken == "fail":
            raise InputError(f"{len(named)} image(s) cannot be read, the first is {named[0]}")
        more = [f"and {len(named) - NAMED_AT_MOST} more"] if len(named) > NAMED_AT_MOST else []
        logger.warning(
            "Skipped %d image(s) that cannot be read: %s", len(named), "; ".join(named[:NAMED_AT_MOST] + more)
        )
    table = pd.concat([source.table, facts.drop(columns="error")], axis=1)[~broken]
    if lost := sorted(set(source.table["label"]) - set(table["label"])):
        raise InputError(f"class {lost[0]} has no image that can be read; repair its files or remove it")
    _warn_of_contradictions(table)
    table["group"] = table["group"].where(table["group"] != "", table["path"])
    table["group"] = join_copies(table["group"].tolist(), table["content_hash"].tolist())
    return table.reset_index(drop=True)


def _warn_of_contradictions(table: pd.DataFrame) -> None:
    contradictory = table[table.groupby("content_hash")["label"].transform("nunique") > 1]
    if not contradictory.empty:
        logger.warning(
            "%d image(s) stand under several labels, such as %s",
            len(contradictory),
            contradictory["path"].iloc[0],
        )


def _manifest(root: Path, table: pd.DataFrame) -> Manifest:
    columns = [*REQUIRED, "width", "height"]
    columns += [str(name) for name in table if name not in columns]
    return Manifest(root, table.sort_values("path")[columns].reset_index(drop=True))


def _complete_splits(table: pd.DataFrame, fractions: Sequence[float], seed: int) -> "pd.Series[str]":
    missing = set(SPLITS) - set(table["split"])
    splits = table["split"].copy()
    if missing == {"val"}:
        train = table[splits == "train"]
        shares = np.asarray(fractions[:2]) / sum(fractions[:2])
        splits[train.index] = assign_splits(
            train["label"].tolist(), train["group"].tolist(), shares.tolist(), seed, SPLITS[:2]
        )
    elif missing:
        raise InputError(
            f"the data has no {' and no '.join(sorted(missing))} images, expected train, val and test folders"
        )
    return splits


def _judge_leakage(manifest: Manifest, allow_leakage: bool) -> None:
    if not (leaking := manifest.leaking_groups):
        return
    first = manifest.table[manifest.table["group"] == leaking[0]].drop_duplicates("split")["path"]
    leak = (
        f"the given split of {manifest.root} leaks: {len(leaking)} group(s) of images (lesions, patients or "
        f"copies of one image) stand in two splits, such as {' and '.join(first)}"
    )
    if not allow_leakage:
        raise InputError(f"{leak}; mend the split, or accept inflated scores with data.allow_leakage=true")
    logger.warning("Scores are inflated: %s", leak)
