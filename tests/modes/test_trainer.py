import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Callback, ProgressBar, RichProgressBar
from lightning.pytorch.loggers import TensorBoardLogger

from lightning_skin.errors import InputError

BuildTrainer = Callable[..., Callable[..., Trainer]]


class First(Callback):
    pass


class Second(Callback):
    pass


def own(trainer: Trainer) -> list[type]:
    return [type(one) for one in trainer.callbacks if type(one) in (First, Second)]


def test_precision_auto_is_full_precision_on_a_cpu(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    trainer = new_trainer(precision="auto")(callbacks=[], logger=None, folder=tmp_path)
    assert trainer.precision == "32-true"


@pytest.mark.parametrize("precision", ["64-true", "bf16-mixed"])
def test_a_precision_that_is_asked_for_is_kept(
    precision: str, new_trainer: BuildTrainer, tmp_path: Path
) -> None:
    trainer = new_trainer(precision=precision)(callbacks=[], logger=None, folder=tmp_path)
    assert trainer.precision == precision


def test_a_disabled_progress_bar_is_left_out(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    trainer = new_trainer()(callbacks=[RichProgressBar()], logger=None, folder=tmp_path)
    assert [one for one in trainer.callbacks if isinstance(one, ProgressBar)] == []


def test_an_enabled_progress_bar_is_the_one_among_the_callbacks(
    new_trainer: BuildTrainer, tmp_path: Path
) -> None:
    bar = RichProgressBar()
    build = new_trainer(enable_progress_bar=True)
    trainer = build(callbacks=[First(), bar], logger=None, folder=tmp_path)
    assert [one for one in trainer.callbacks if isinstance(one, ProgressBar)] == [bar]


def test_other_callbacks_stay_in_their_order(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    callbacks = [Second(), RichProgressBar(), First()]
    assert own(new_trainer()(callbacks=callbacks, logger=None, folder=tmp_path)) == [Second, First]


def test_callbacks_may_be_any_iterable_of_values(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    callbacks = {"one": First(), "two": Second()}
    assert own(new_trainer()(callbacks=callbacks.values(), logger=None, folder=tmp_path)) == [First, Second]


def test_without_a_logger_nothing_is_logged(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    assert new_trainer()(callbacks=[], logger=None, folder=tmp_path).loggers == []


def test_the_given_logger_is_the_only_one(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path)
    assert new_trainer()(callbacks=[], logger=logger, folder=tmp_path).loggers == [logger]


def test_lightning_writes_into_the_run_folder(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    trainer = new_trainer()(callbacks=[], logger=None, folder=tmp_path)
    assert trainer.default_root_dir == str(tmp_path)


def test_further_arguments_reach_the_trainer(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    build = new_trainer(max_epochs=7, limit_val_batches=3, gradient_clip_val=0.5)
    trainer = build(callbacks=[], logger=None, folder=tmp_path)
    assert (trainer.max_epochs, trainer.limit_val_batches, trainer.gradient_clip_val) == (7, 3, 0.5)


def test_lightning_tells_only_what_is_wrong(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    new_trainer()(callbacks=[], logger=None, folder=tmp_path)
    assert not logging.getLogger("lightning.pytorch.utilities.rank_zero").isEnabledFor(logging.INFO)
    assert logging.getLogger("lightning.pytorch.utilities.rank_zero").isEnabledFor(logging.WARNING)


def test_warnings_of_choices_made_on_purpose_are_silent_and_others_are_not(
    new_trainer: BuildTrainer, tmp_path: Path
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        new_trainer()(callbacks=[], logger=None, folder=tmp_path)
        caught.clear()
        warnings.warn("The 'train_dataloader' does not have many workers", stacklevel=1)
        warnings.warn("the loss is not finite", stacklevel=1)
    assert [str(one.message) for one in caught] == ["the loss is not finite"]


def test_batch_norm_is_not_synchronised_between_cpus(new_trainer: BuildTrainer, tmp_path: Path) -> None:
    settings = {"callbacks": [], "logger": None, "folder": tmp_path}
    new_trainer(sync_batchnorm=True, devices=1)(**settings)
    with pytest.raises(InputError, match=r"trainer\.sync_batchnorm is true, which PyTorch has for GPUs only"):
        new_trainer(sync_batchnorm=True, devices=2, strategy="ddp")(**settings)
