"""mode=fit: train, then test the best checkpoint."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lightning.pytorch import Callback, Trainer, seed_everything
from lightning.pytorch.loggers import TensorBoardLogger

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.leakage import leaking_groups
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.errors import InputError
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.models.checkpoint import (
    Checkpoint,
    Facts,
    find_checkpoint,
    read_checkpoint,
    store_calibration,
)
from lightning_skin.models.choice import NetworkChoice
from lightning_skin.models.classifier import SkinLesionClassifier
from lightning_skin.modes.features import with_cached_features
from lightning_skin.modes.finders import find_batch_size, find_learning_rate
from lightning_skin.modes.hyper_parameters import flat_hyper_parameters
from lightning_skin.modes.judging import attributes, write_evaluation
from lightning_skin.modes.leakage import report_split
from lightning_skin.modes.run_folder import Run

logger = logging.getLogger(__name__)

FINDERS: Mapping[str, tuple[str, Callable[..., float]]] = {
    "lr": ("model.optimizer.lr", find_learning_rate),
    "batch_size": ("data.batch_size", find_batch_size),
}


def fit(
    run: Run,
    data: SkinLesionDataModule,
    network: NetworkChoice,
    build_classifier: Callable[..., SkinLesionClassifier],
    build_trainer: Callable[..., Trainer],
    callbacks: Mapping[str, Callback],
    tensorboard: TensorBoardLogger,
    monitor: str,
    seed: int,
    ckpt_path: str | None,
    find: str | None,
    tta: str,
    evaluation: EvaluationSettings,
) -> float:
    """Train, then test the best checkpoint.

    Args:
        run: Where to write.
        data: Images and their split.
        network: Says before any image is read whether it can be had, and what images it wants.
        build_classifier: From class names and counts, preprocessing and manifest hash.
        build_trainer: From callbacks, logger and folder.
        callbacks: By name.
        tensorboard: Takes curves, figures and hyper-parameters.
        monitor: Metric of the best checkpoint, such as ``val/balanced_accuracy``.
        seed: Of weights, order, augmentation and dropout.
        ckpt_path: Run or checkpoint to resume; ``None`` starts afresh.
        find: What to look for before the training: ``lr``, ``batch_size`` or ``None``; a resumed run has it.
        tta: Test-time augmentation beside the plain test: ``none``, ``flips`` or ``dihedral``.
        evaluation: What is made of the predictions; the calibration is stored with the best checkpoint.

    Returns:
        ``monitor`` at the best checkpoint.

    Raises:
        InputError: Data, network or checkpoint cannot be used, or the run folder holds another run.
    """
    seed_everything(seed, workers=True, verbose=False)
    resumed = None if ckpt_path is None else _resumable(ckpt_path)
    run.claim(None if resumed is None else resumed.run_folder)
    data.preprocessing = replace(data.preprocessing, **network.settle()._asdict())
    classifier = build_classifier(
        class_names=data.class_names,
        class_counts=data.class_counts(),
        preprocessing=data.preprocessing.to_dict(),
        manifest_hash=data.manifest.hash,
        describe_metadata=data.describe_metadata,
        seed=seed,
        malignant=data.malignant,
    )
    tested = data.manifest.rows("test")
    evaluation.check(data.class_names, tested["path"], attributes(tested))
    data.use_metadata(classifier.facts.metadata)
    classifier.tta = tta
    _check_recalls([monitor, *(str(getattr(one, "monitor", "")) for one in callbacks.values())], data)
    trainer = build_trainer(callbacks=callbacks.values(), logger=tensorboard, folder=run.folder)
    if resumed is not None:
        _check_same(resumed, classifier)
        _check_epochs(resumed, trainer.max_epochs)
    run.start(
        mode="fit",
        manifest_hash=data.manifest.hash,
        leaking_groups=len(leaking_groups(data.manifest)),
        class_names=data.class_names,
        malignant=data.malignant,
        resumed_from=ckpt_path,
    )
    if trainer.is_global_zero:
        data.manifest.write(run.folder / "manifest.csv")
        report_split(data.manifest, run.folder)
    served = _served(data, classifier, trainer, resumed)
    found = {}
    if find is not None and resumed is None:
        key, look = FINDERS[find]
        found[key] = look(classifier, served, build_trainer, run.folder, seed)
    trainer.fit(classifier, served, ckpt_path=None if resumed is None else resumed.path, weights_only=True)
    epochs = trainer.current_epoch
    best = _kept(run.folder / "checkpoints" / "best.ckpt")
    score, test_score = _judge(best, trainer, classifier, data, monitor)
    if trainer.is_global_zero:
        scaling = write_evaluation(
            run.folder,
            data,
            classifier.outputs,
            seed,
            trained=data.manifest,
            settings=evaluation,
            seconds=run.seconds(),
        )
        if best is not None:
            store_calibration(best, scaling)
        tensorboard.log_hyperparams(
            flat_hyper_parameters(run.config),
            {f"hp/{monitor.replace('/', '_')}": score, "hp/test_balanced_accuracy": test_score},
        )
        run.finish(score=score, epochs=epochs, found=found)
    return score


def _served(
    data: SkinLesionDataModule,
    classifier: SkinLesionClassifier,
    trainer: Trainer,
    resumed: Checkpoint | None,
) -> SkinLesionDataModule:
    """What the loaders of training yield: images, or features where the run caches them."""
    if classifier.transfer.cached_views is None:
        return data
    if resumed is not None:
        # The frozen backbone, where it started from random weights or from a file that has changed.
        classifier.network.load_state_dict(resumed.network.state_dict())
    return with_cached_features(data, classifier, trainer, classifier.transfer.cached_views)


def _judge(
    best: Path | None,
    trainer: Trainer,
    classifier: SkinLesionClassifier,
    data: SkinLesionDataModule,
    monitor: str,
) -> tuple[float, float]:
    """Validate and test the best checkpoint: ``monitor``, and balanced accuracy on test."""
    trainer.validate(classifier, data, ckpt_path=best, weights_only=True, verbose=False)
    score = float(trainer.callback_metrics[monitor])
    trainer.test(classifier, data, ckpt_path=best, weights_only=True, verbose=False)
    return score, float(trainer.callback_metrics["test/balanced_accuracy"])


def _resumable(ckpt_path: str) -> Checkpoint:
    checkpoint = read_checkpoint(find_checkpoint(ckpt_path, "last"))
    if not checkpoint.resumable:
        raise InputError(
            f"{checkpoint.path} holds weights only, expected a last.ckpt or the run's folder: ckpt_path=RUN"
        )
    return checkpoint


def _kept(best: Path) -> Path | None:
    if best.is_file():
        return best
    logger.warning("No best checkpoint was kept, so the last weights are tested")
    return None


def _check_recalls(monitors: Sequence[str], data: SkinLesionDataModule) -> None:
    known = [f"val/recall_{name}" for name in data.class_names]
    for name in monitors:
        if name.startswith("val/recall_") and name not in known:
            raise InputError(f"{name} is monitored, expected one of {', '.join(known)} or another metric")


def _check_epochs(resumed: Checkpoint, max_epochs: int | None) -> None:
    trained = resumed.epochs
    if max_epochs is not None and 0 <= max_epochs <= trained:
        raise InputError(
            f"{resumed.path} has trained for {trained} epoch(s) already; raise trainer.max_epochs to go on, "
            f"or test it with mode=test ckpt_path={resumed.run_folder}"
        )


def _check_same(resumed: Checkpoint, classifier: SkinLesionClassifier) -> None:
    stored, asked = (_flat(facts) for facts in (resumed.facts, classifier.facts))
    for name, old in stored.items():
        if old != asked[name]:
            raise InputError(
                f"{resumed.path} has the {name} {old}, but this run asks for {asked[name]}; "
                "give the run's own overrides"
            )
    if resumed.facts.manifest_hash != classifier.facts.manifest_hash:
        logger.warning("The images or their split have changed since %s was written", resumed.path)


def _flat(facts: Facts) -> dict[str, object]:
    network = {f"network {name}": value for name, value in facts.network.to_dict().items()}
    # Rebuilt, since older checkpoints do not name what they were trained without.
    preprocessing = Preprocessing.from_dict(facts.preprocessing).to_dict()
    return {"classes": ", ".join(facts.class_names), **network, **preprocessing}
