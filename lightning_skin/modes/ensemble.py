"""Several checkpoints tested as one: averaged where they share test images, pooled where they do not.

The rounds of a cross-validation have different test splits of the same images. Averaging over them would test
networks on what they were trained on, so that each image is judged by those that have it in their test split
only (out of fold), and the images of all rounds are pooled. One checkpoint is a single round of one member.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError
from lightning_skin.evaluation.ensemble import average, pool
from lightning_skin.models.checkpoint import Checkpoint, read_checkpoint
from lightning_skin.modes.members import names_of
from lightning_skin.modes.scoring import Judged
from lightning_skin.modes.test_data import Tested, find_tested, named_images, warn_of_training_images
from lightning_skin.modes.unseen import known_to_any
from lightning_skin.progress import track

logger = logging.getLogger(__name__)


class Member(NamedTuple):
    """A checkpoint to test.

    Attributes:
        checkpoint: With its network, so that each file is read once.
        name: For tables.
        tested: What it is tested on.
    """

    checkpoint: Checkpoint
    name: str
    tested: Tested


class Ensemble(NamedTuple):
    """Checkpoints to test as one.

    Attributes:
        rounds: Members with the same test images together; one round, unless from a cross-validation.
        class_names: Of all of them, in the order of the first.
    """

    rounds: list[list[Member]]
    class_names: tuple[str, ...]

    @property
    def members(self) -> list[Member]:
        """Those of all rounds."""
        return [member for of_round in self.rounds for member in of_round]

    @property
    def title(self) -> str | None:
        """What its score is the score of, where that is not one network."""
        if len(self.rounds) > 1:
            return f"Out of fold, {len(self.rounds)} rounds"
        return f"Ensemble of {len(self.members)}" if len(self.members) > 1 else None

    @property
    def is_calibrated(self) -> bool:
        """Whether every test image is judged by a single network, whose checkpoint holds a calibration.

        Averages of calibrated probabilities are not calibrated, but too unsure (Rahaman and Thiery, NeurIPS
        2021), and no validation images of all members are at hand to calibrate them on.
        """
        alone = len(self.rounds) == len(self.members)
        return alone and None not in [member.checkpoint.facts.calibration for member in self.members]

    @property
    def manifest(self) -> Manifest:
        """The tested images: those of the one round as they are, or the test splits of all rounds."""
        manifests = [members[0].tested.manifest for members in self.rounds]
        if len(manifests) == 1:
            return manifests[0]
        pooled = pd.concat([manifest.rows("test") for manifest in manifests], ignore_index=True)
        return Manifest(manifests[0].root, pooled.fillna("").sort_values("path", ignore_index=True))

    @property
    def train_counts(self) -> list[int]:
        """Images of each class that the members were trained on; zeros where nobody knows them of one."""
        trained = [member.tested.trained for member in self.members]
        counts: Counter[str] = Counter()
        if None not in trained:
            counts.update(label for one in trained if one is not None for label in one.rows("train")["label"])
        return [counts[name] for name in self.class_names]


def plan_ensemble(data: SkinLesionDataModule, paths: Sequence[Path]) -> Ensemble:
    """Read checkpoints, and find out what each of them is tested on.

    Args:
        data: With a source: the images to test all of them on. Without: each is tested on its own test split.
        paths: Of the checkpoints.

    Raises:
        InputError: A checkpoint or the images cannot be used, classes differ, or test splits differ other
            than those of a cross-validation.
    """
    checkpoints = [read_checkpoint(path) for path in track(paths, "Reading checkpoints")]
    for checkpoint in checkpoints[1:]:
        _require_classes(checkpoint, checkpoints[0])
    named = named_images(data)
    rounds: dict[frozenset[tuple[str, ...]], list[Member]] = {}
    for checkpoint, name in zip(checkpoints, names_of(paths), strict=True):
        member = Member(checkpoint, name, find_tested(data, named, checkpoint))
        rounds.setdefault(_identity(member.tested.manifest.rows("test")), []).append(member)
    for pair in combinations([members[0] for members in rounds.values()], 2):
        _require_cross_validation(*pair)
    ensemble = Ensemble(list(rounds.values()), checkpoints[0].facts.class_names)
    _warn(ensemble)
    return ensemble


def combine(ensemble: Ensemble, said: Sequence[Judged]) -> tuple[Judged, dict[str, Judged]]:
    """What all members say as one.

    Args:
        ensemble: Of the members.
        said: What each of them said, in the order of ``ensemble.members``.

    Returns:
        The whole, and the members by name, with the classes in the order of the ensemble. An image is known
        where any member of its round was trained on it.
    """
    judged = iter([one.with_classes(ensemble.class_names) for one in said])
    wholes, by_name = [], {}
    for members in ensemble.rounds:
        of_round = [next(judged) for _ in members]
        known = known_to_any([one.known for one in of_round])
        for member, one in zip(members, of_round, strict=True):
            by_name[member.name] = one._replace(known=known)
        averaged = {split: average([one.tables[split] for one in of_round]) for split in of_round[0].tables}
        wholes.append(Judged(averaged, known, of_round[0].scaling))
    if len(wholes) == 1:
        return wholes[0], by_name
    tables = {split: pool([whole.tables[split] for whole in wholes]) for split in wholes[0].tables}
    return Judged(tables, np.concatenate([whole.known for whole in wholes])), by_name


def _require_classes(checkpoint: Checkpoint, first: Checkpoint) -> None:
    names, expected = checkpoint.facts.class_names, first.facts.class_names
    if sorted(names) != sorted(expected):
        raise InputError(
            f"{checkpoint.path} has the classes {', '.join(names)}, but {first.path} has "
            f"{', '.join(expected)}; only checkpoints of the same classes make an ensemble"
        )


def _identity(images: pd.DataFrame) -> frozenset[tuple[str, ...]]:
    columns = (images[name] for name in ("path", "label", "group", "content_hash"))
    return frozenset(zip(*columns, strict=True))


def _require_cross_validation(first: Member, second: Member) -> None:
    one, other = (member.tested.manifest for member in (first, second))
    paths = f"{first.checkpoint.path} and {second.checkpoint.path}"
    advice = "name images to test all of them on, with data=folder data.root=FOLDER"
    if set(one.table["content_hash"]) != set(other.table["content_hash"]):
        raise InputError(f"{paths} come from different data; {advice}")
    shared = set(one.rows("test")["content_hash"]) & set(other.rows("test")["content_hash"])
    if shared:
        raise InputError(
            f"the test splits of {paths} differ, and {len(shared)} image(s) are in "
            f"both; {advice}, or train members on one split: data.seed=0 keeps it where seed changes"
        )


def _warn(ensemble: Ensemble) -> None:
    """Say what of the test images is not new, and to whom."""
    members = ensemble.members
    for member in members:
        warn_of_training_images(member.tested, f"{member.name}: " if len(members) > 1 else "")
    if len(ensemble.rounds) > 1:
        logger.info(
            "The %d checkpoints have %d test splits without a common image; each image is judged out of "
            "fold, by those that have it in their test split; to average them all, name other data",
            len(members),
            len(ensemble.rounds),
        )
    elif len(members) > 1:
        known = known_to_any([member.tested.known for member in members])
        if (known != "").all():
            logger.warning(
                "Every test image, or its lesion or patient, is known to a member, and none is left to judge "
                "the ensemble by; rounds of a cross-validation are judged out of fold without data="
            )
        elif (known != "").any():
            logger.warning(
                "%d of the %d test images are known to a member; the ensemble is also scored without them",
                (known != "").sum(),
                len(known),
            )
