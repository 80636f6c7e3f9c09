"""Predictions tables that a user names, and what is known of where they come from."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lightning_skin.data.manifest import read_manifest
from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions, read_predictions
from lightning_skin.modes.run_folder import RECORD


class Tables(NamedTuple):
    """What is judged.

    Attributes:
        test: The table.
        val: Of the validation images, on which thresholds and calibration may be chosen; ``None`` where there
            is none.
        train_counts: Images of each class that were trained on; zeros where nobody knows.
        run: The folder of the run that wrote the table; ``None`` for a table of another tool.
    """

    test: Predictions
    val: Predictions | None
    train_counts: list[int]
    run: Path | None


def find_tables(predictions: str | None, val_predictions: str | None) -> Tables:
    """Read what is to be judged.

    Args:
        predictions: A run folder, or a table.
        val_predictions: A table of validation images; ``None`` takes that of the run.

    Raises:
        InputError: A table is missing or not usable, the classes of both differ, or they share images.
    """
    if predictions is None:
        raise InputError("predictions is not set, expected a run folder or a table: predictions=FILE.csv")
    given = Path(predictions).expanduser()
    run = given if given.is_dir() else _run_of(given)
    file = given / "predictions" / "test.csv" if given.is_dir() else given
    if given.is_dir() and not file.is_file():
        raise InputError(f"{given} holds no predictions/test.csv, expected the folder of a run that tested")
    test = read_predictions(file)
    val_file = run / "predictions" / "val.csv" if run is not None else None
    if val_predictions is not None:
        val_file = Path(val_predictions).expanduser()
    val = read_predictions(val_file) if val_file is not None and val_file.is_file() else None
    if val_predictions is not None and val is None:
        raise InputError(f"val_predictions {val_predictions} does not exist, expected a predictions table")
    if val is not None:
        _require_apart(val, test, f"{val_file} and {file}")
        val = val.with_classes(test.class_names)
    return Tables(test, val, _train_counts(run, test.class_names), run)


def record_of(run: Path | None) -> dict[str, Any]:
    """What ``run.json`` says; nothing where there is none."""
    if run is None or not (run / RECORD).is_file():
        return {}
    record: dict[str, Any] = json.loads((run / RECORD).read_text(encoding="utf-8"))
    return record


def _run_of(table: Path) -> Path | None:
    """The run that a table lies in, if it was not moved."""
    folder = table.resolve().parent
    return folder.parent if folder.name == "predictions" and (folder.parent / RECORD).is_file() else None


def _require_apart(val: Predictions, test: Predictions, files: str) -> None:
    if sorted(val.class_names) != sorted(test.class_names):
        raise InputError(
            f"{files} have the classes {', '.join(val.class_names)} and {', '.join(test.class_names)}, "
            "expected the same"
        )
    shared = np.intersect1d(val.images, test.images)
    if len(shared):
        raise InputError(
            f"{files} share {len(shared)} image(s), such as {shared[0]}; what is chosen on validation images "
            "must be judged on others"
        )


def _train_counts(run: Path | None, class_names: tuple[str, ...]) -> list[int]:
    manifest = run / "manifest.csv" if run is not None else None
    if manifest is None or not manifest.is_file():
        return [0] * len(class_names)
    counts = Counter(read_manifest(manifest).rows("train")["label"])
    return [counts[name] for name in class_names]
