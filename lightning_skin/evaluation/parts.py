"""Parts of a table, judged on the same resamples."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.intervals import group_resample_weights
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import IntArray, Scorer, Scores

MIN_GROUPS = 10
"""Lesions or patients that a part must have, however many images: resampling few clusters understates what is
not known (Cameron, Gelbach and Miller, Review of Economics and Statistics 2008)."""
MIN_CLASS_GROUPS = 5
"""Lesions or patients that a class must have in a part for figures of its own."""


class Part(NamedTuple):
    """Some of the images.

    Attributes:
        rows: Which they are ``(N,)``.
        groups: Lesions or patients among them.
        class_groups: Those with an image of each class ``(C,)``.
    """

    rows: NDArray[np.bool_]
    groups: int
    class_groups: IntArray

    @property
    def n(self) -> int:
        """Images."""
        return int(self.rows.sum())

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Classes that are neither absent nor scarce ``(C,)``."""
        return self.class_groups >= MIN_CLASS_GROUPS

    def too_small(self, min_images: int) -> bool:
        """Whether there are too few images, lesions or patients to say anything."""
        return self.n < min_images or self.groups < MIN_GROUPS


class Judged(NamedTuple):
    """A part with its scores as it is, and in each resample ``(R,)`` and ``(R, C)``."""

    part: Part
    observed: Scores
    resampled: Scores


def part_of(predictions: Predictions, rows: NDArray[np.bool_]) -> Part:
    """Describe the images that are True in ``rows`` ``(N,)``, at least one."""
    _, members = np.unique(predictions.groups[rows], return_inverse=True)
    shows = np.zeros((members.max() + 1, len(predictions.class_names)), bool)
    shows[members, predictions.labels[rows]] = True
    return Part(rows, len(shows), shows.sum(axis=0))


def judge_parts(
    predictions: Predictions, parts: Mapping[str, Part], *, resamples: int, seed: int
) -> dict[str, Judged]:
    """Score parts that share no image on the same resamples of the groups.

    Groups are drawn as ``bootstrap_intervals`` does, but within the classes of each part, as if a class in
    one part and in another were two: none of them vanishes. A group with images in several parts is drawn for
    all of them at once.

    Args:
        predictions: The whole table.
        parts: Of it, by name.
        resamples: Number of resamples, R.
        seed: Same seed, same resamples.
    """
    if not parts:
        return {}
    numbers = np.zeros(len(predictions.labels), np.int64)
    for number, part in enumerate(parts.values(), start=1):
        numbers[part.rows] = number
    strata = predictions.labels * (len(parts) + 1) + numbers
    scorers = {
        name: Scorer(predictions.labels[part.rows], predictions.probabilities[part.rows])
        for name, part in parts.items()
    }
    chunks: dict[str, list[Scores]] = {name: [] for name in parts}
    for weights in group_resample_weights(strata, predictions.groups, resamples, seed):
        for name, part in parts.items():
            chunks[name].append(scorers[name](weights[:, part.rows]))
    return {
        name: Judged(part, scorers[name](np.ones(part.n)), _joined(chunks[name]))
        for name, part in parts.items()
    }


def _joined(chunks: Sequence[Scores]) -> Scores:
    overall, per_class = (
        {name: np.concatenate([chunk[kind][name] for chunk in chunks]) for name in chunks[0][kind]}
        for kind in range(2)
    )
    return Scores(overall, per_class)
