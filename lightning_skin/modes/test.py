"""mode=test: test a checkpoint from the checkpoint alone."""

import logging
from collections.abc import Callable

from lightning.pytorch import Trainer, seed_everything

from lightning_skin.callbacks.progress import progress_bar
from lightning_skin.data.build import build_test_manifest
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.leakage import known_from_training
from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import Checkpoint, find_checkpoint, read_checkpoint
from lightning_skin.models.tester import SkinLesionTester
from lightning_skin.modes.evaluate import write_evaluation
from lightning_skin.modes.run_folder import Run

logger = logging.getLogger(__name__)


def test(
    run: Run,
    data: SkinLesionDataModule,
    build_trainer: Callable[..., Trainer],
    seed: int,
    ckpt_path: str | None,
) -> float:
    """Test a checkpoint; classes, network, image size and preprocessing come from it.

    Args:
        run: Where to write.
        data: With a source: what to test on, its test split if it has one, all of it otherwise. Without:
            the test split of the run that wrote the checkpoint.
        build_trainer: From callbacks, logger and folder.
        seed: Of the bootstrap.
        ckpt_path: Run (its best checkpoint) or checkpoint.

    Returns:
        Balanced accuracy on the test images.

    Raises:
        InputError: The checkpoint or the data cannot be used, their classes differ, or the run folder holds
            another run.
    """
    seed_everything(seed, workers=True, verbose=False)
    run.claim()
    checkpoint = read_checkpoint(find_checkpoint(ckpt_path, "best"))
    trained = use_test_data(data, checkpoint)
    tester = SkinLesionTester(checkpoint.network, checkpoint.facts.class_names)
    trainer = build_trainer(callbacks=[progress_bar()], logger=None, folder=run.folder)
    run.start(mode="test", checkpoint=str(checkpoint.path), manifest_hash=data.manifest.hash)
    trainer.test(tester, data, verbose=False)
    score = float(trainer.callback_metrics["test/balanced_accuracy"])
    if trainer.is_global_zero:
        data.manifest.write(run.folder / "manifest.csv")
        write_evaluation(run.folder, data, tester.outputs, seed, trained)
        run.finish(score=score)
    return score


def use_test_data(data: SkinLesionDataModule, checkpoint: Checkpoint) -> Manifest | None:
    """Give ``data`` the images to test on, and the checkpoint's preprocessing and classes.

    Returns:
        What the checkpoint was trained on; ``None`` where its run has left no manifest.

    Raises:
        InputError: There are no such images, they have other classes, or they were to be split.
    """
    if data.split.folds is not None or data.split.split_file is not None:
        raise InputError(
            "data.folds and data.split_file divide images for training, and a checkpoint is tested on the "
            "test split of its run or of the data; leave them out"
        )
    own, facts = checkpoint.run_folder / "manifest.csv", checkpoint.facts
    tested = read_manifest(own) if data.source is None else build_test_manifest(data.source(), data.audit)
    if data.stream is None:
        tested.require_root()
    # A checkpoint that was moved away from its run can still be tested, on other data.
    trained = read_manifest(own) if own.is_file() else None
    if trained is not None and trained.hash != facts.manifest_hash:
        logger.warning("%s is not what the checkpoint was trained on, or has been changed", own)
    data.use(tested, Preprocessing.from_dict(facts.preprocessing), facts.class_names)
    _warn_of_training_images(tested, trained)
    return trained


def _warn_of_training_images(tested: Manifest, trained: Manifest | None) -> None:
    if trained is None:
        logger.warning(
            "No manifest.csv lies beside the checkpoint, so that nobody knows what it was trained on"
        )
        return
    known = known_from_training(tested, trained)
    images, groups = (int((known == kind).sum()) for kind in ("image", "group"))
    if images:
        left = "" if images < len(known) else "; none is left to judge the network by"
        logger.warning("%d of the %d test images were trained on%s", images, len(known), left)
    if groups:
        logger.warning(
            "%d of the %d test images were not trained on, but others of their lesion or patient were, "
            "by the ids in both tables",
            groups,
            len(known),
        )
