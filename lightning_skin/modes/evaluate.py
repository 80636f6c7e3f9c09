"""mode=evaluate: judge a predictions table, of a run or of another tool, without a network."""

from collections.abc import Sequence

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.modes.report import write_report
from lightning_skin.modes.run_folder import Run
from lightning_skin.modes.scoring import Judged
from lightning_skin.modes.tables import Tables, find_tables, record_of


def evaluate(
    run: Run,
    seed: int,
    predictions: str | None,
    val_predictions: str | None,
    malignant: Sequence[str] | None,
    evaluation: EvaluationSettings,
) -> float:
    """Judge predictions.

    Args:
        run: Where to write.
        seed: Of the bootstrap.
        predictions: A run folder, or a table.
        val_predictions: A table of validation images; ``None`` takes that of the run, if any.
        malignant: Classes that count as malignant; ``None`` takes what the run says, if any.
        evaluation: What is made of the predictions.

    Returns:
        Balanced accuracy.

    Raises:
        InputError: A table cannot be used, or the run folder holds another run.
    """
    run.claim()
    tables = find_tables(predictions, val_predictions)
    test = tables.test
    evaluation.check(test.class_names, test.images.tolist(), test.attributes)
    known_malignant = _malignant(malignant, tables)
    run.start(mode="evaluate", predictions=predictions, malignant=known_malignant)
    judged = {"test": test} if tables.val is None else {"val": tables.val, "test": test}
    known = test.attributes.get("trained_on", np.full(len(test.images), ""))
    found = Judged(judged, known).calibrated_on_val(evaluation.calibration)
    write_report(
        run.folder,
        found,
        tables.train_counts,
        known_malignant,
        evaluation,
        seed,
        trained=tables.run,
        seconds=run.seconds(),
    )
    score = classification_metrics(test.labels, test.probabilities, test.class_names)["balanced_accuracy"]
    run.finish(score=score)
    return score


def _malignant(named: Sequence[str] | None, tables: Tables) -> list[str]:
    class_names = tables.test.class_names
    if named is None:
        return [name for name in record_of(tables.run).get("malignant", []) if name in class_names]
    if unknown := sorted(set(named) - set(class_names)):
        raise InputError(
            f"data.malignant names {', '.join(unknown)}, expected some of {', '.join(class_names)}"
        )
    return list(named)
