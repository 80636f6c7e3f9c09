"""The split of each image: brought along by the data, kept from a file, one of several folds, or new."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lightning_skin.data.examples import first_few
from lightning_skin.data.split import SPLITS, assign_fold, assign_splits, train_and_val
from lightning_skin.data.split_file import kept_splits
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError


def split_column(images: pd.DataFrame, root: Path, settings: SplitSettings) -> Sequence[str]:
    """Decide the split of each image.

    A split that the data bring along is kept; where it has no ``val``, that is taken from ``train``.

    Args:
        images: Columns ``path``, ``label``, ``split`` (empty where the data do not say), ``group`` and
            ``content_hash``.
        root: Folder that the paths are relative to.
        settings: How to split.

    Raises:
        InputError: No split can be made, or the settings do not go with the data.
    """
    given = images["split"].tolist()
    missing = [split for split in SPLITS if split not in given]
    if given.count("") == len(given):
        return _new(images, root, settings)
    if odd := sorted(set(given) - set(SPLITS)):
        raise InputError(
            f"{given.count(odd[0])} image(s) of {root} have the split {odd[0]!r}, "
            "expected train, val or test; mend the table"
        )
    if settings.folds is not None:
        raise InputError(
            f"{root} brings its own split, so that data.folds={settings.folds} has nothing to divide; "
            "leave data.folds and data.fold out"
        )
    if missing == ["val"]:
        return _with_val(images, root, settings)
    if missing:
        raise InputError(
            f"the data has no {' and no '.join(missing)} images, expected train, val and test folders"
        )
    if settings.split_file is not None:
        raise InputError(f"{root} brings its own split, which counts; leave data.split_file out")
    return given


def _new(images: pd.DataFrame, root: Path, settings: SplitSettings) -> Sequence[str]:
    labels, groups = images["label"].tolist(), images["group"].tolist()
    if settings.folds is not None and settings.fold is not None:
        return assign_fold(
            labels, groups, settings.fractions, settings.seed, settings.folds, settings.fold
        ).tolist()
    kept = _kept(images, root, settings)
    return assign_splits(labels, groups, settings.fractions, settings.seed, kept=kept).tolist()


def _with_val(images: pd.DataFrame, root: Path, settings: SplitSettings) -> Sequence[str]:
    splits = images["split"].to_numpy(dtype=object)
    rows = np.flatnonzero(splits == "train")
    train = images.iloc[rows]
    kept = _kept(images, root, settings)
    if kept is not None:
        _require_same_test(images, root, kept, settings.split_file)
    splits[rows] = assign_splits(
        train["label"].tolist(),
        train["group"].tolist(),
        train_and_val(settings.fractions),
        settings.seed,
        SPLITS[:2],
        None if kept is None else [kept[row] for row in rows.tolist()],
    )
    return splits.tolist()


def _require_same_test(images: pd.DataFrame, root: Path, kept: Sequence[str], split_file: str | None) -> None:
    """Refuse a file that moves images into or out of the test split of the data, which counts."""
    said = np.asarray(kept, dtype=object)
    moved = (said != "") & ((said == "test") != (images["split"] == "test"))
    if moved.any():
        pairs = zip(images["path"][moved], said[moved], images["split"][moved], strict=True)
        raise InputError(
            f"{split_file} and {root} disagree on the test split of {moved.sum()} image(s): "
            f"{first_few(f'{path} ({says}, not {given})' for path, says, given in pairs)}; "
            "mend the file, or move the images out of their train and test folders"
        )


def _kept(images: pd.DataFrame, root: Path, settings: SplitSettings) -> Sequence[str] | None:
    if settings.split_file is None:
        return None
    return kept_splits(Path(settings.split_file).expanduser(), root, images).tolist()
