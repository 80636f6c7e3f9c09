"""What a comparison finds."""

from dataclasses import dataclass
from typing import NamedTuple

from lightning_skin.evaluation.comparison.agreement import Agreement
from lightning_skin.evaluation.comparison.confusion import Move
from lightning_skin.evaluation.comparison.contender import Contender
from lightning_skin.evaluation.comparison.delong import AurocDifference
from lightning_skin.evaluation.comparison.mcnemar import McNemar
from lightning_skin.evaluation.comparison.resampling import Difference
from lightning_skin.evaluation.summary import Evaluation

HEADLINES = {
    "balanced_accuracy": "Balanced accuracy",
    "accuracy": "Accuracy",
    "auroc": "AUROC (macro)",
    "average_precision": "Average precision (macro)",
    "f1_macro": "F1 (macro)",
    "mcc": "Matthews correlation",
    "nll": "Log loss",
    "brier": "Brier score",
    "ece": "Calibration error",
}
"""Metrics of all classes that contenders are compared by."""
DECISIVE = "balanced_accuracy"
"""The metric that is named beforehand as the one that decides."""
LOWER_IS_BETTER = ("nll", "brier", "ece")


@dataclass(frozen=True)
class Standing:
    """How good a contender is.

    Attributes:
        contender: On the images of the comparison.
        evaluation: Of its one table of all test images, or the mean over several.
        over_runs: Mean and standard deviation of the metrics over its runs; ``None`` where it has one.
    """

    contender: Contender
    evaluation: Evaluation
    over_runs: tuple[dict[str, float], dict[str, float]] | None


@dataclass(frozen=True)
class Pair:
    """Two contenders, the second against the first.

    What is said of single guesses takes one network on each side, and so one table of all test images.

    Attributes:
        first: Its place among the contenders.
        second: Likewise.
        differences: Of each metric, by paired resamples.
        aurocs: Of each class against all others, by DeLong's test; empty where a side has several tables.
        malignant: Likewise of the malignant classes together; ``None`` where they are not known.
        mcnemar: ``None`` where a side has several tables.
        agreement: Of their guesses.
        moves: Guesses that differ; ``None`` where a side has several tables.
    """

    first: int
    second: int
    differences: dict[str, Difference]
    aurocs: dict[str, AurocDifference]
    malignant: AurocDifference | None
    mcnemar: McNemar | None
    agreement: Agreement
    moves: list[Move] | None


class Comparison(NamedTuple):
    """Contenders compared.

    Attributes:
        standings: One for each contender.
        pairs: Those that were compared.
        adjusted: Holm-adjusted p-values of each pair: of ``HEADLINES`` and of the recalls under their names,
            of DeLong's test under ``delong_<class>`` and ``malignant``, of McNemar's under ``mid_p`` and
            ``grouped``.
        resamples: Of the bootstrap.
        left_out: Images that are not compared, since a network was trained on them.
    """

    standings: list[Standing]
    pairs: list[Pair]
    adjusted: list[dict[str, float]]
    resamples: int
    left_out: int
