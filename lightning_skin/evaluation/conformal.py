"""Sets of classes that hold the true one as often as was asked for, class by class."""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.clustered import Mean, Share, clustered_mean, clustered_share
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray

ROUNDING = 1e-9  # thirds and the like of groups must add up to whole ones


@dataclass(frozen=True)
class ConformalThresholds:
    """What makes a class a member of a set; plain values, to be kept with a classifier.

    Attributes:
        class_names: The C classes.
        coverage: Share of each class's images whose set is to hold the true class, in (0, 1).
        smallest: Smallest probability with which each class is a member; 0, so that it is in every set,
            where the validation images are too few.
        groups: Groups with an image of each class that were calibrated on.
    """

    class_names: tuple[str, ...]
    coverage: float
    smallest: tuple[float, ...]
    groups: tuple[int, ...]

    @property
    def groups_needed(self) -> int:
        """Fewest groups of a class from which its coverage can be promised without it being in every set."""
        return ceil(self.coverage / (1 - self.coverage) - ROUNDING)

    @property
    def too_few(self) -> tuple[str, ...]:
        """Classes of which fewer groups were there."""
        pairs = zip(self.class_names, self.groups, strict=True)
        return tuple(name for name, count in pairs if count < self.groups_needed)


@dataclass(frozen=True, eq=False)
class ConformalSets:
    """The sets of a table's images and how they turned out.

    Intervals are of these very thresholds: how they would move with other validation images is not in them.

    Attributes:
        thresholds: What they were made with.
        sets: Whether each class is in the set of each image ``(N, C)``.
        coverage: Images whose set holds the true class.
        coverage_per_class: The same of each class's images, by name.
        mean_size: Classes in a set.
        sizes: Images with a set of 0, 1, ..., C classes.
        singletons: Images with one class in their set.
        singleton_accuracy: Of these, the ones with the true class.
        empty: Images unlike what was seen of any class.
    """

    thresholds: ConformalThresholds
    sets: NDArray[np.bool_]
    coverage: Share
    coverage_per_class: dict[str, Share]
    mean_size: Mean
    sizes: tuple[int, ...]
    singletons: Share
    singleton_accuracy: Share
    empty: Share

    def summary(self) -> dict[str, Any]:
        """The figures without the sets, of plain values and NaN."""
        figures = {name: value for name, value in asdict(self).items() if name not in ("sets", "thresholds")}
        found = {**asdict(self.thresholds), "too_few": self.thresholds.too_few}
        return {**figures, "thresholds": {**found, "groups_needed": self.thresholds.groups_needed}}


def fit_conformal(val: Predictions, coverage: float) -> ConformalThresholds:
    """Choose for each class the smallest probability with which it belongs to a set.

    Class-conditional (Mondrian; Vovk, ACML 2012) split conformal prediction with the score ``1 - p`` of the
    true class (Sadinle, Lei and Wasserman, J. Am. Stat. Assoc. 2019): whatever the classifier, of the images
    of a class the promised share have a set with that class, on average over validation and new images. It
    is for this that images must come from lesions or patients like those of ``val``.

    Images of one group resemble each other, which breaks the promise if each counts as a new one: they share
    the weight of their group (hierarchical conformal prediction; Lee, Barber and Willett, arXiv:2306.06342),
    and the promise is for an image of a new group. Of groups of one image it is the usual method.

    Args:
        val: Images that were neither trained on nor will be judged.
        coverage: Share to promise, in (0, 1).

    Raises:
        InputError: The coverage is outside (0, 1).
    """
    if not 0 < coverage < 1:
        raise InputError(f"the coverage of the conformal sets is {coverage}, expected a number in (0, 1)")
    smallest, counts = [], []
    for label in range(len(val.class_names)):
        rows = val.labels == label
        _, members, images = np.unique(val.groups[rows], return_inverse=True, return_counts=True)
        smallest.append(_smallest(val.probabilities[rows, label], 1 / images[members], coverage))
        counts.append(len(images))
    return ConformalThresholds(val.class_names, float(coverage), tuple(smallest), tuple(counts))


def conformal_sets(thresholds: ConformalThresholds, test: Predictions) -> ConformalSets:
    """The sets of other images, and how often they hold the true class.

    Args:
        thresholds: From ``fit_conformal`` on the validation images of the same classifier.
        test: Table to judge.

    Raises:
        InputError: The classes are not those of the thresholds.
    """
    if test.class_names != thresholds.class_names:
        raise InputError(
            f"the conformal thresholds were chosen for the classes {', '.join(thresholds.class_names)}, the "
            f"table has {', '.join(test.class_names)}: give the validation table of the same classifier"
        )
    sets = test.probabilities >= np.array(thresholds.smallest)
    covered, size = sets[np.arange(len(sets)), test.labels], sets.sum(axis=1)
    of_class = [test.labels == label for label in range(len(test.class_names))]
    return ConformalSets(
        thresholds=thresholds,
        sets=sets,
        coverage=clustered_share(covered, test.groups),
        coverage_per_class={
            name: clustered_share(covered[rows], test.groups[rows])
            for name, rows in zip(test.class_names, of_class, strict=True)
        },
        mean_size=clustered_mean(size.astype(np.float64), test.groups),
        sizes=tuple(np.bincount(size, minlength=sets.shape[1] + 1).tolist()),
        singletons=clustered_share(size == 1, test.groups),
        singleton_accuracy=clustered_share(covered[size == 1], test.groups[size == 1]),
        empty=clustered_share(size == 0, test.groups),
    )


def _smallest(probabilities: FloatArray, weights: FloatArray, coverage: float) -> float:
    """Largest threshold above which ``coverage`` of the groups lie, counting the new one as below all.

    Args:
        probabilities: Of the true class ``(n,)``.
        weights: Of each image ``(n,)``; those of a group sum to 1.
        coverage: In (0, 1).
    """
    order = np.argsort(-probabilities)
    above = np.cumsum(weights[order])
    enough = above >= coverage * (weights.sum() + 1) - ROUNDING
    return float(probabilities[order][np.argmax(enough)]) if enough.any() else 0.0
