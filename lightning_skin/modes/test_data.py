"""What a checkpoint is tested on, and what of it the checkpoint was trained on."""

import logging
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lightning_skin.data.build import build_test_manifest
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import Checkpoint, Facts
from lightning_skin.modes.judging import known_of

logger = logging.getLogger(__name__)


class Tested(NamedTuple):
    """What a checkpoint is tested on.

    Attributes:
        manifest: Its test split.
        known: What the checkpoint was trained on of each test image ``(N,)``.
        trained: What it was trained on; ``None`` where its run has left no manifest.
    """

    manifest: Manifest
    known: NDArray[np.str_]
    trained: Manifest | None


def use_test_data(data: SkinLesionDataModule, checkpoint: Checkpoint) -> None:
    """Give ``data`` the images to test a checkpoint on, and its preprocessing and classes.

    Raises:
        InputError: There are no such images, they have other classes, or they were to be split.
    """
    tested = find_tested(data, named_images(data), checkpoint)
    use_tested(data, tested.manifest, checkpoint.facts)
    warn_of_training_images(tested)


def named_images(data: SkinLesionDataModule) -> Manifest | None:
    """The images that the user named to test on; reads every file.

    Returns:
        ``None`` where none were named, so that each checkpoint is tested on the test split of its run.

    Raises:
        InputError: They cannot be used, or were to be split.
    """
    if data.split.folds is not None or data.split.split_file is not None:
        raise InputError(
            "data.folds and data.split_file divide images for training, and a checkpoint is tested on the "
            "test split of its run or of the data; leave them out"
        )
    return None if data.source is None else build_test_manifest(data.source(), data.audit)


def find_tested(data: SkinLesionDataModule, named: Manifest | None, checkpoint: Checkpoint) -> Tested:
    """Find what a checkpoint is tested on.

    Args:
        data: Reads the images.
        named: From ``named_images``.
        checkpoint: To test.

    Raises:
        InputError: No images were named, and those of the run are gone.
    """
    own = checkpoint.run_folder / "manifest.csv"
    if named is None:
        tested = read_manifest(own)
        trained: Manifest | None = tested
    else:
        tested = named
        # A checkpoint that was moved away from its run can still be tested, on other data.
        trained = read_manifest(own) if own.is_file() else None
    if data.stream is None:
        tested.require_root()
    if trained is not None and trained.hash != checkpoint.facts.manifest_hash:
        logger.warning("%s is not what the checkpoint was trained on, or has been changed", own)
    return Tested(tested, known_of(tested, trained), trained)


def use_tested(data: SkinLesionDataModule, manifest: Manifest, facts: Facts) -> None:
    """Give ``data`` images, and a checkpoint's preprocessing and classes.

    Raises:
        InputError: The images have other classes.
    """
    preprocessing = Preprocessing.from_dict(facts.preprocessing)
    data.use(manifest, preprocessing, facts.class_names, facts.malignant)
    data.use_metadata(facts.metadata)


def warn_of_training_images(tested: Tested, who: str = "") -> None:
    """Warn of test images that are not new to a checkpoint.

    Args:
        tested: What it is tested on.
        who: Stands before the warning.
    """
    if tested.trained is None:
        logger.warning(
            "%sNo manifest.csv lies beside the checkpoint, so that nobody knows what it was trained on", who
        )
        return
    images, groups = (int((tested.known == kind).sum()) for kind in ("image", "group"))
    total = len(tested.known)
    if images:
        left = "" if images < total else "; none is left to judge the network by"
        logger.warning("%s%d of the %d test images were trained on%s", who, images, total, left)
    if groups:
        logger.warning(
            "%s%d of the %d test images were not trained on, but others of their lesion or patient were, "
            "by the ids in both tables",
            who,
            groups,
            total,
        )
