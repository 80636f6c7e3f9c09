"""From a source to a manifest: read, group, split, and refuse what leaks."""

import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd

from lightning_skin.data.grouping import join_copies
from lightning_skin.data.leakage import judge_leakage
from lightning_skin.data.manifest import REQUIRED, Manifest
from lightning_skin.data.reading import inspect_images
from lightning_skin.data.sources import Source
from lightning_skin.data.split_column import split_column
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

logger = logging.getLogger(__name__)

NAMED_AT_MOST = 5


def build_manifest(source: Source, settings: SplitSettings, on_broken: str) -> Manifest:
    """Check every image, join copies to groups, and split.

    Args:
        source: Images with labels.
        settings: How to split.
        on_broken: ``skip`` names images that cannot be read and goes on; ``fail`` stops.

    Raises:
        InputError: An image is broken and ``on_broken`` is ``fail``; a class lost all images; no split
            can be made, or it leaks.
    """
    images = _readable(source, on_broken)
    images["group"] = _groups(images)
    images["split"] = split_column(images, source.root, settings)
    _require_training_images(images, source.root)
    manifest = _manifest(source.root, images)
    judge_leakage(manifest, settings.allow_leakage)
    return manifest


def build_test_manifest(source: Source, on_broken: str) -> Manifest:
    """Check every image of a data set that only serves to test: its own test split, or all of it.

    Raises:
        InputError: An image is broken and ``on_broken`` is ``fail``; a class lost all images.
    """
    images = _readable(source, on_broken)
    images["group"] = _groups(images)
    if not (images["split"] == "test").any():
        images["split"] = "test"
    return _manifest(source.root, images)


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
    images = pd.concat([source.table, facts.drop(columns="error")], axis=1)[~broken]
    if lost := sorted(set(source.table["label"]) - set(images["label"])):
        raise InputError(f"class {lost[0]} has no image that can be read; repair its files or remove it")
    _warn_of_contradictions(images)
    return images.reset_index(drop=True)


def _groups(images: pd.DataFrame) -> list[str]:
    known = images["group"].where(images["group"] != "", images["path"])
    return join_copies(known.tolist(), images["content_hash"].tolist())


def _warn_of_contradictions(images: pd.DataFrame) -> None:
    contradictory = images[images.groupby("content_hash")["label"].transform("nunique") > 1]
    if not contradictory.empty:
        logger.warning(
            "%d image(s) stand under several labels, such as %s",
            len(contradictory),
            contradictory["path"].iloc[0],
        )


def _require_training_images(images: pd.DataFrame, root: Path) -> None:
    if untrained := sorted(set(images["label"]) - set(images["label"][images["split"] == "train"])):
        raise InputError(
            f"class {untrained[0]} of {root} has no training image; add some or remove the class"
        )


def _manifest(root: Path, images: pd.DataFrame) -> Manifest:
    columns = [*REQUIRED, "width", "height"]
    columns += [str(name) for name in images if name not in columns]
    return Manifest(root, images.sort_values("path")[columns].reset_index(drop=True))
