"""How good a classifier is for some of the patients, and whether it is better for others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.attributes import AGE_BANDS, UNKNOWN, attribute_values, common_attributes
from lightning_skin.evaluation.gaps import Gap, gaps_between, with_holm
from lightning_skin.evaluation.intervals import score_intervals
from lightning_skin.evaluation.metrics import named_scores
from lightning_skin.evaluation.parts import Judged, Part, judge_parts, part_of
from lightning_skin.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Subgroup:
    """Some of the images, by what is known of them.

    Attributes:
        attribute: What divides the images, such as ``age``.
        value: What these have in common, such as ``75+``; ``not known`` for those without a value.
        n: Images.
        groups: Lesions or patients among them.
        too_small: Whether there are too few of either to say anything.
        absent: Classes without an image here. Means over classes, such as ``balanced_accuracy``, leave them
            out.
        scarce: Classes with images of fewer than five lesions or patients. Means over classes count them in,
            and rest on little.
        metrics: From ``classification_metrics`` on these images alone; none where they are too few. Of a
            scarce class all but the count is NaN, so that one image in one is not shown as 100 %.
        intervals: 95 % intervals, likewise.
    """

    attribute: str
    value: str
    n: int
    groups: int
    too_small: bool
    absent: tuple[str, ...]
    scarce: tuple[str, ...]
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]

    def classes_said(self, num_classes: int) -> str:
        """What its means over classes rest on, such as ``6 of 7 classes, 2 scarce``."""
        present = f"{num_classes - len(self.absent)} of {num_classes} classes"
        return f"{present}, {len(self.scarce)} scarce" if self.scarce else present


@dataclass(frozen=True)
class SubgroupReport:
    """All subgroups of a table.

    Attributes:
        min_images: Images below which a subgroup is too small.
        subgroups: By attribute; age bands in their order, others from large to small, ``not known`` last.
        gaps: Between any two subgroups of one attribute that are known and large enough, from the widest on.
    """

    min_images: int
    subgroups: tuple[Subgroup, ...]
    gaps: tuple[Gap, ...]

    def largest_gaps(self) -> tuple[Gap, ...]:
        """The widest gap of each attribute and metric."""
        widest: dict[tuple[str, str], Gap] = {}
        for gap in self.gaps:
            widest.setdefault((gap.attribute, gap.metric), gap)
        return tuple(widest.values())


def subgroups(
    predictions: Predictions,
    attributes: Sequence[str] | None,
    *,
    min_images: int,
    seed: int,
    resamples: int = 1000,
) -> SubgroupReport:
    """Judge a classifier on parts of its images.

    Groups are resampled as ``bootstrap_intervals`` does, within the classes of each subgroup. Subgroups of
    one attribute share resamples, so that what they have in common, such as a patient with lesions at two
    sites, does not count twice in their difference.

    Args:
        predictions: Table to judge.
        attributes: Names of its attributes; ``None`` for those of age, sex, site and source that divide it.
        min_images: Images below which a subgroup is too small, positive.
        seed: Of the bootstrap.
        resamples: Number of resamples, at least 2.

    Raises:
        InputError: The table has no such attribute.
    """
    names = common_attributes(predictions) if attributes is None else tuple(dict.fromkeys(attributes))
    values = {name: attribute_values(predictions, name) for name in names}
    found: list[Subgroup] = []
    gaps: list[Gap] = []
    for name in names:
        parts = {value: part_of(predictions, values[name] == value) for value in _in_order(values[name])}
        large = {value: part for value, part in parts.items() if not part.too_small(min_images)}
        judged = judge_parts(predictions, large, resamples=resamples, seed=seed)
        found += [
            _subgroup(predictions, (name, value), part, judged.get(value), seed)
            for value, part in parts.items()
        ]
        known = {value: scores for value, scores in judged.items() if value != UNKNOWN}
        gaps += gaps_between(name, known, predictions.class_names)
    return SubgroupReport(min_images, tuple(found), with_holm(gaps))


def _in_order(values: NDArray[np.str_]) -> list[str]:
    names, counts = np.unique(values, return_counts=True)
    sizes = dict(zip(names.tolist(), counts.tolist(), strict=True))
    bands = {band: number for number, band in enumerate(AGE_BANDS)}
    return sorted(sizes, key=lambda value: (value == UNKNOWN, bands.get(value, -sizes[value]), value))


def _subgroup(
    predictions: Predictions, name: tuple[str, str], part: Part, judged: Judged | None, seed: int
) -> Subgroup:
    absent = part.class_groups == 0
    scarce = _names(predictions.class_names, ~absent & ~part.usable)
    metrics, intervals = ({}, {}) if judged is None else _figures(predictions, judged, scarce, seed)
    return Subgroup(
        attribute=name[0],
        value=name[1],
        n=part.n,
        groups=part.groups,
        too_small=judged is None,
        absent=_names(predictions.class_names, absent),
        scarce=scarce,
        metrics=metrics,
        intervals=intervals,
    )


def _figures(
    predictions: Predictions, judged: Judged, scarce: Sequence[str], seed: int
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    counts = {f"count_{name}" for name in predictions.class_names}
    hidden = {f"{metric}_{name}" for metric in judged.observed.per_class for name in scarce} - counts
    observed = named_scores(judged.observed, predictions.class_names)
    resampled = named_scores(judged.resampled, predictions.class_names)
    intervals = score_intervals(predictions.subset(judged.part.rows), resampled, seed=seed)
    return (
        {name: np.nan if name in hidden else float(value) for name, value in observed.items()},
        {
            name: (np.nan, np.nan) if name in hidden else ends
            for name, ends in intervals.items()
            if name not in counts
        },
    )


def _names(class_names: Sequence[str], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, is_chosen in zip(class_names, chosen, strict=True) if is_chosen)
