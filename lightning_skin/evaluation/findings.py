"""All that is found out about one run from its predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lightning_skin.evaluation.abstention import Abstention
from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.conformal import ConformalSets
from lightning_skin.evaluation.costs import CostDecisions
from lightning_skin.evaluation.malignancy import MalignancyView
from lightning_skin.evaluation.operating_points import OperatingPoint
from lightning_skin.evaluation.out_of_distribution import Detection
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.selective import RiskCoverage
from lightning_skin.evaluation.subgroups import SubgroupReport
from lightning_skin.evaluation.summary import Evaluation


@dataclass(frozen=True, eq=False)
class Findings:
    """What reports are made of; ``None`` and empty where something was not asked for or cannot be known.

    Attributes:
        test: The images that are judged.
        evaluation: Of ``test``.
        val: The images that thresholds and scalings were fitted on.
        baselines: Metrics of guesses that never look at an image, by name: ``majority``, ``prior``.
        malignancy: Malignant against benign.
        melanoma: Melanoma against all others.
        calibrated: The images of ``test`` with scaled probabilities.
        calibration: Of ``calibrated`` beside ``test``.
        selective: Risk by coverage.
        abstention: Confidences to answer from, chosen on ``val``.
        conformal: Prediction sets.
        out_of_distribution: How well images of no known class are told, by score.
        operating_points: Thresholds chosen on ``val``, applied to ``test``.
        costs: Decisions of least expected cost.
        subgroups: The same metrics by age, sex, site, ...
        protocols: Scores as public challenges compute them.
    """

    test: Predictions
    evaluation: Evaluation
    val: Predictions | None = None
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    malignancy: MalignancyView | None = None
    melanoma: MalignancyView | None = None
    calibrated: Predictions | None = None
    calibration: CalibrationReport | None = None
    selective: RiskCoverage | None = None
    abstention: Sequence[Abstention] = ()
    conformal: ConformalSets | None = None
    out_of_distribution: Mapping[str, Detection] = field(default_factory=dict)
    operating_points: Sequence[OperatingPoint] = ()
    costs: CostDecisions | None = None
    subgroups: SubgroupReport | None = None
    protocols: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
