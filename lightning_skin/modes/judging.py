"""From a classifier's outputs to predictions, and to the report of a run."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.leakage import known_from_training
from lightning_skin.data.manifest import FILE_COLUMNS, Manifest
from lightning_skin.evaluation.predictions import PROBABILITY_PREFIX, RESERVED, Predictions
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.collector import Outputs
from lightning_skin.modes.report import write_report
from lightning_skin.modes.scoring import Judged

ROWS = {"val": "val", "test": "test", "test_tta": "test"}
"""The split whose images each of the outputs is about."""


def write_evaluation(
    folder: Path,
    data: SkinLesionDataModule,
    outputs: Mapping[str, Outputs],
    seed: int,
    trained: Manifest | None,
    settings: EvaluationSettings,
    seconds: float,
) -> Scaling | None:
    """Write what a run found about its validation and test images, and print the test result.

    Args:
        folder: Of the run.
        data: The images that were evaluated.
        outputs: By the names of ``Judged.tables``.
        seed: Of the bootstrap.
        trained: The images that the network was trained on; ``None`` where they are not known.
        settings: What is made of the predictions.
        seconds: How long the run took so far.

    Returns:
        The calibration; ``None`` for none.
    """
    found = judge(data, outputs, known_of(data.manifest, trained)).calibrated_on_val(settings.calibration)
    write_report(
        folder, found, data.class_counts(), data.malignant, settings, seed, trained=None, seconds=seconds
    )
    return found.scaling


def judge(data: SkinLesionDataModule, outputs: Mapping[str, Outputs], known: NDArray[np.str_]) -> Judged:
    """Bring outputs together with the images that they are about.

    Args:
        data: The images that were evaluated.
        outputs: By the names of ``Judged.tables``.
        known: Of each row of the test split, from ``known_of``.
    """
    tables = {name: _predictions(data, ROWS[name], output) for name, output in outputs.items()}
    return Judged(tables, known[outputs["test"].indices.numpy()])


def known_of(tested: Manifest, trained: Manifest | None) -> NDArray[np.str_]:
    """What was trained on of each test image; nothing where ``trained`` is not known."""
    if trained is None:
        return np.full(len(tested.rows("test")), "")
    return known_from_training(tested, trained)


def _predictions(data: SkinLesionDataModule, split: str, outputs: Outputs) -> Predictions:
    rows = data.manifest.rows(split).iloc[outputs.indices.numpy()]
    return Predictions(
        images=rows["path"].to_numpy(str),
        labels=outputs.labels.numpy(),
        probabilities=outputs.probabilities.numpy(),
        groups=rows["group"].to_numpy(str),
        class_names=data.class_names,
        log_sum_exp=outputs.log_sum_exp.numpy(),
        attributes=attributes(rows),
    )


def attributes(rows: pd.DataFrame) -> dict[str, NDArray[np.str_]]:
    """What the manifest says of the images, and not of their files; a table's own columns among them."""
    taken = {*FILE_COLUMNS, *RESERVED}
    return {
        name: rows[name].to_numpy(str)
        for name in map(str, rows)
        if name not in taken and not name.startswith(PROBABILITY_PREFIX)
    }
