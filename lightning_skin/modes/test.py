"""mode=test: test a checkpoint from the checkpoint alone."""

import logging
from collections.abc import Callable

from lightning.pytorch import Trainer, seed_everything

from lightning_skin.callbacks.progress import progress_bar
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import build_test_manifest, read_manifest
from lightning_skin.data.preprocessing import Preprocessing
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
    use_test_data(data, checkpoint)
    tester = SkinLesionTester(checkpoint.network, checkpoint.facts.class_names)
    trainer = build_trainer(callbacks=[progress_bar()], logger=None, folder=run.folder)
    run.start(mode="test", checkpoint=str(checkpoint.path), manifest_hash=data.manifest.hash)
    trainer.test(tester, data, verbose=False)
    score = float(trainer.callback_metrics["test/balanced_accuracy"])
    if trainer.is_global_zero:
        data.manifest.write(run.folder / "manifest.csv")
        write_evaluation(run.folder, data, tester.outputs, seed)
        run.finish(score=score)
    return score


def use_test_data(data: SkinLesionDataModule, checkpoint: Checkpoint) -> None:
    """Give ``data`` the images to test on, and the checkpoint's preprocessing and classes.

    Raises:
        InputError: There are no such images, or they have other classes.
    """
    own, facts = checkpoint.run_folder / "manifest.csv", checkpoint.facts
    other = None if data.source is None else build_test_manifest(data.source(), data.on_broken)
    manifest = read_manifest(own) if other is None else other
    data.use(manifest, Preprocessing.from_dict(facts.preprocessing), facts.class_names)
    if other is not None and own.is_file():
        trained = set(read_manifest(own).rows("train")["content_hash"])
        known = other.rows("test")["content_hash"].isin(trained)
        if known.any():
            logger.warning(
                "%d of the %d test images were trained on, so the score says nothing of new images",
                known.sum(),
                len(known),
            )
