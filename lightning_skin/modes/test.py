"""mode=test: test a checkpoint from the checkpoint alone, or several as an ensemble."""

import logging
from collections.abc import Callable, Sequence

from lightning.pytorch import Trainer, seed_everything

from lightning_skin.callbacks.progress import progress_bar
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.errors import InputError
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.tester import SkinLesionTester
from lightning_skin.modes.ensemble import Member, combine, plan_ensemble
from lightning_skin.modes.judging import attributes, judge
from lightning_skin.modes.members import find_members
from lightning_skin.modes.report import write_report
from lightning_skin.modes.run_folder import Run
from lightning_skin.modes.scoring import Judged
from lightning_skin.modes.test_data import use_tested

logger = logging.getLogger(__name__)


def test(
    run: Run,
    data: SkinLesionDataModule,
    build_trainer: Callable[..., Trainer],
    seed: int,
    ckpt_path: str | Sequence[str] | None,
    tta: str,
    evaluation: EvaluationSettings,
) -> float:
    """Test checkpoints; classes, networks, image sizes and preprocessing come from them.

    Args:
        run: Where to write.
        data: With a source: what to test on, its test split if it has one, all of it otherwise. Without:
            the test split of the run that wrote the checkpoint.
        build_trainer: From callbacks, logger and folder.
        seed: Of the bootstrap.
        ckpt_path: Run (its best checkpoint), checkpoint or sweep (its finished runs), or a list of them.
        tta: Test-time augmentation beside the plain test: ``none``, ``flips`` or ``dihedral``.
        evaluation: What is made of the predictions; the calibration is that of the checkpoint.

    Returns:
        Balanced accuracy on the test images, of several checkpoints as one, without test-time augmentation.

    Raises:
        InputError: A checkpoint or the data cannot be used, classes differ, or the run folder holds another
            run.
    """
    seed_everything(seed, workers=True, verbose=False)
    run.claim()
    ensemble = plan_ensemble(data, find_members(ckpt_path))
    members, manifest = ensemble.members, ensemble.manifest
    _use(data, members[0])
    rows = manifest.rows("test")
    evaluation.check(ensemble.class_names, rows["path"], attributes(rows))
    trainer = build_trainer(callbacks=[progress_bar()], logger=None, folder=run.folder)
    paths = [str(member.checkpoint.path) for member in members]
    tested = {"checkpoint": paths[0]} if len(paths) == 1 else {"checkpoints": paths}
    run.start(mode="test", manifest_hash=manifest.hash, **tested)
    said = []
    for number, member in enumerate(members, start=1):
        if len(members) > 1 and trainer.is_global_zero:
            logger.info("Testing %d of %d: %s", number, len(members), member.name)
        judged = _judge(member, data, trainer, tta)
        scaling = member.checkpoint.facts.calibration
        said.append(judged.calibrated(scaling) if scaling and ensemble.is_calibrated else judged)
    judged, by_name = combine(ensemble, said)
    test = judged.tables["test"]
    score = classification_metrics(test.labels, test.probabilities, test.class_names)["balanced_accuracy"]
    if trainer.is_global_zero:
        manifest.write(run.folder / "manifest.csv")
        if len(members) == 1:
            by_name = {}
        write_report(
            run.folder,
            judged,
            ensemble.train_counts,
            data.malignant,
            evaluation,
            seed,
            ensemble.title,
            by_name,
            trained=members[0].checkpoint.run_folder if len(members) == 1 else None,
            seconds=run.seconds(),
        )
        run.finish(score=score)
    return score


def _use(data: SkinLesionDataModule, member: Member) -> None:
    use_tested(data, member.tested.manifest, member.checkpoint.facts)


def _judge(member: Member, data: SkinLesionDataModule, trainer: Trainer, tta: str) -> Judged:
    """Test one checkpoint.

    Raises:
        InputError: It cannot be tested; the message names it.
    """
    _use(data, member)
    checkpoint = member.checkpoint
    tester = SkinLesionTester(checkpoint.network, checkpoint.facts.class_names, tta)
    try:
        trainer.test(tester, data, verbose=False)
        return judge(data, tester.outputs, member.tested.known)
    except InputError as error:
        raise InputError(f"{checkpoint.path}: {error}") from error
