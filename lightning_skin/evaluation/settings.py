"""What is made of predictions beside the metrics."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lightning_skin.errors import InputError
from lightning_skin.evaluation.attributes import require_attribute
from lightning_skin.evaluation.costs import cost_matrix
from lightning_skin.evaluation.operating_points import Target
from lightning_skin.evaluation.protocols.write import check_protocols


@dataclass(frozen=True)
class EvaluationSettings:
    """How predictions are judged.

    Attributes:
        calibration: Fitted on the validation images: ``temperature``, ``vector`` or ``none``.
        sensitivities: Of malignant images, in (0, 1]: for each a threshold is chosen on validation images.
        specificities: Of the benign images, likewise.
        miss_costs: Of a missed malignant image in false alarms, positive; likewise.
        costs: Of mistakes, by true class and class decided for; ``None`` weighs none.
        coverage: Share of the images of each class whose conformal set holds the true class, in (0, 1).
        min_tpr: Sensitivity above which the partial AUC counts, in [0, 1).
        subgroups: Attributes that divide the images; ``None`` for those of age, sex, site and source that do.
        min_images: Images below which a subgroup is too small.
        unknown: The class that stands for everything else; ``None`` for none.
        protocols: Public benchmarks by whose rules the test images are scored too.
        figures: Formats: png, svg, pdf.
    """

    calibration: str
    sensitivities: Sequence[float]
    specificities: Sequence[float]
    miss_costs: Sequence[float]
    costs: Mapping[str, Mapping[str, float]] | None
    coverage: float
    min_tpr: float
    subgroups: Sequence[str] | None
    min_images: int
    unknown: str | None
    protocols: Sequence[str]
    figures: Sequence[str]

    @property
    def targets(self) -> list[Target]:
        """What thresholds on the malignant probability are chosen for."""
        return [
            *(Target("sensitivity", value) for value in self.sensitivities),
            *(Target("specificity", value) for value in self.specificities),
            *(Target("miss_cost", value) for value in self.miss_costs),
        ]

    def check(self, class_names: Sequence[str], images: Iterable[str], attributes: Collection[str]) -> None:
        """Make sure that what is asked for can be had of these classes and images.

        Args:
            class_names: That a classifier tells apart.
            images: Names of the test images.
            attributes: What is known of them.

        Raises:
            InputError: It cannot.
        """
        if self.unknown is not None and self.unknown not in class_names:
            raise InputError(
                f"evaluation.unknown={self.unknown} is none of the classes {', '.join(class_names)}"
            )
        if self.costs is not None:
            cost_matrix(self.costs, class_names)
        for name in self.subgroups or ():
            require_attribute(name, attributes)
        check_protocols(self.protocols, class_names, list(images))
