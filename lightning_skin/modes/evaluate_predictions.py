"""mode=evaluate: judge a predictions table, of a run or of another tool, without a network."""

import numpy as np

from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.modes.report import write_report
from lightning_skin.modes.run_folder import Run
from lightning_skin.modes.scoring import Judged
from lightning_skin.modes.tables import find_tables


def evaluate(run: Run, seed: int, predictions: str | None, val_predictions: str | None) -> float:
    """Judge predictions.

    Args:
        run: Where to write.
        seed: Of the bootstrap.
        predictions: A run folder, or a table.
        val_predictions: A table of validation images; ``None`` takes that of the run, if any.

    Returns:
        Balanced accuracy.

    Raises:
        InputError: A table cannot be used, or the run folder holds another run.
    """
    run.claim()
    tables = find_tables(predictions, val_predictions)
    run.start(mode="evaluate", predictions=predictions)
    test = tables.test
    judged = {"test": test} if tables.val is None else {"val": tables.val, "test": test}
    known = test.attributes.get("trained_on", np.full(len(test.images), ""))
    write_report(run.folder, Judged(judged, known), tables.train_counts, seed)
    score = classification_metrics(test.labels, test.probabilities, test.class_names)["balanced_accuracy"]
    run.finish(score=score)
    return score
