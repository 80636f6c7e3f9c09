"""metrics.csv has a row for every epoch, also of those before the run was resumed."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from lightning.pytorch import Trainer
from PIL import Image

from lightning_skin.callbacks.checkpoint import LastCheckpoint
from lightning_skin.callbacks.history import History

Train = Callable[..., Trainer]
SCORES = [0.25, 0.75, 0.5]


def read(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "metrics.csv")


def test_each_epoch_has_one_row_of_its_own_values(train: Train, tmp_path: Path) -> None:
    train(SCORES, [History(str(tmp_path), "val/score")])
    expected = {
        "epoch": [0, 1, 2],
        "step": [1, 2, 3],
        "lr": [1.0, 1.0, 1.0],
        "val/score": SCORES,
        "train/loss": [0.0, -1.0, -2.0],  # the weight before each step
    }
    table = read(tmp_path)
    assert table.to_dict("list") == expected


def test_what_was_logged_of_the_last_batch_is_left_out(train: Train, tmp_path: Path) -> None:
    trainer = train(SCORES, [History(str(tmp_path), "val/score")])
    left_out = {"train/loss_step", "lr-SGD"}
    assert left_out <= set(trainer.callback_metrics)
    assert left_out.isdisjoint(read(tmp_path))


def test_the_table_is_written_after_every_epoch(train: Train, tmp_path: Path) -> None:
    history = History(str(tmp_path), "val/score")
    train(SCORES[:1], [history])
    assert len(read(tmp_path)) == 1


def test_rows_survive_a_resumption_in_another_folder(train: Train, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    train(SCORES[:2], [History(str(first), "val/score"), LastCheckpoint(str(first))])
    train(
        SCORES,
        [History(str(second), "val/score"), LastCheckpoint(str(second))],
        ckpt_path=first / "last.ckpt",
    )
    table = read(second)
    assert table["epoch"].tolist() == [0, 1, 2]
    assert table["val/score"].tolist() == SCORES
    assert len(read(first)) == 2


def test_an_epoch_before_the_first_validation_has_an_empty_cell(train: Train, tmp_path: Path) -> None:
    train([0.25, 0.75], [History(str(tmp_path), "val/score")], every=2)
    table = read(tmp_path)
    assert table["val/score"].isna().tolist() == [True, False]
    assert table["val/score"][1] == 0.75


def test_an_epoch_without_validation_does_not_repeat_the_last_score(train: Train, tmp_path: Path) -> None:
    train([0.25, 0.75, 0.5], [History(str(tmp_path), "val/score")], every=2)
    assert read(tmp_path)["val/score"].isna().tolist() == [True, False, True]


def test_the_plot_is_drawn_when_training_ends(train: Train, tmp_path: Path) -> None:
    train(SCORES, [History(str(tmp_path), "val/score")])
    with Image.open(tmp_path / "figures" / "history.png") as image:
        image.load()
        assert image.format == "PNG"


def test_a_training_without_epochs_leaves_nothing(train: Train, tmp_path: Path) -> None:
    train([], [History(str(tmp_path), "val/score")])
    assert list(tmp_path.iterdir()) == []
