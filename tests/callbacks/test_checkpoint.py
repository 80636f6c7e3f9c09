"""Which epoch best.ckpt and last.ckpt hold, also across folders of runs."""

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning.pytorch import Trainer

from lightning_skin.callbacks.checkpoint import AtomicCheckpointIO, BestCheckpoint, LastCheckpoint

Run = Callable[..., Path]


@pytest.fixture
def run(train: Callable[..., Trainer], tmp_path: Path) -> Run:
    """Train in a folder with these scores, and resume from another folder where one is named."""

    def start(name: str, scores: Sequence[float], resume: Path | None = None) -> Path:
        folder = tmp_path / name
        callbacks = (BestCheckpoint(str(folder), "val/score"), LastCheckpoint(str(folder)))
        train(scores, callbacks, None if resume is None else resume / "last.ckpt")
        return folder

    return start


def content(path: Path) -> dict[str, Any]:
    return torch.load(path, weights_only=True)


def epochs(path: Path) -> int:
    """How many epochs the weights of a checkpoint were trained."""
    return -int(content(path)["state_dict"]["weight"])


def test_best_holds_the_epoch_of_the_highest_score_and_last_the_last(run: Run) -> None:
    folder = run("a", [0.2, 0.8, 0.5])
    assert epochs(folder / "best.ckpt") == 2
    assert epochs(folder / "last.ckpt") == 3


def test_the_first_of_equal_scores_is_the_best(run: Run) -> None:
    assert epochs(run("a", [0.2, 0.8, 0.8]) / "best.ckpt") == 2


def test_a_score_that_is_no_number_is_never_the_best(run: Run) -> None:
    assert epochs(run("a", [0.2, math.nan, 0.1]) / "best.ckpt") == 1


def test_best_holds_weights_alone_and_last_all_it_takes_to_resume(run: Run) -> None:
    folder = run("a", [0.2, 0.8])
    assert "optimizer_states" not in content(folder / "best.ckpt")
    assert "optimizer_states" in content(folder / "last.ckpt")


def test_last_is_written_after_every_epoch(train: Callable[..., Trainer], tmp_path: Path) -> None:
    scores = (0.2, 0.3, "this epoch fails")
    with pytest.raises(ValueError, match="this epoch fails"):
        train(scores, (LastCheckpoint(str(tmp_path)),))
    assert epochs(tmp_path / "last.ckpt") == 2


def test_a_worse_epoch_of_a_resumed_run_does_not_replace_the_best_of_the_first(run: Run) -> None:
    first = run("first", [0.2, 0.8])
    second = run("second", [0.2, 0.8, 0.5], resume=first)
    assert epochs(second / "last.ckpt") == 3
    assert (second / "best.ckpt").read_bytes() == (first / "best.ckpt").read_bytes()


def test_a_better_epoch_of_a_resumed_run_is_its_best_and_leaves_the_first_run_alone(run: Run) -> None:
    first = run("first", [0.2, 0.8])
    second = run("second", [0.2, 0.8, 0.9, 0.85], resume=first)
    assert (epochs(first / "best.ckpt"), epochs(second / "best.ckpt")) == (2, 3)


def test_the_best_goes_along_through_two_resumptions(run: Run) -> None:
    first = run("first", [0.8])
    second = run("second", [0.8, 0.5], resume=first)
    third = run("third", [0.8, 0.5, 0.7], resume=second)
    assert epochs(third / "best.ckpt") == 1


def test_the_best_of_a_run_that_was_moved_is_found_beside_its_last(run: Run, tmp_path: Path) -> None:
    moved = Path(shutil.move(run("first", [0.2, 0.8]), tmp_path / "moved"))
    assert epochs(run("second", [0.2, 0.8, 0.5], resume=moved) / "best.ckpt") == 2
    assert not (tmp_path / "first").exists()


def test_a_run_resumed_in_its_own_folder_keeps_its_best(run: Run) -> None:
    folder = run("a", [0.2, 0.8])
    run("a", [0.2, 0.8, 0.5], resume=folder)
    assert (epochs(folder / "best.ckpt"), epochs(folder / "last.ckpt")) == (2, 3)


def test_without_the_best_of_the_first_run_the_next_epoch_is_the_best(run: Run) -> None:
    first = run("first", [0.2, 0.8])
    (first / "best.ckpt").unlink()
    assert epochs(run("second", [0.2, 0.8, 0.5], resume=first) / "best.ckpt") == 3


def test_a_run_leaves_two_files_however_often_it_was_resumed(run: Run) -> None:
    folder = run("a", [0.2])
    run("a", [0.2, 0.8], resume=folder)
    run("a", [0.2, 0.8, 0.9], resume=folder)
    assert sorted(path.name for path in folder.iterdir()) == ["best.ckpt", "last.ckpt"]


def test_a_checkpoint_that_cannot_be_written_leaves_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    writer = AtomicCheckpointIO()
    writer.save_checkpoint({"epoch": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        writer.save_checkpoint({"epoch": 2, "code": lambda: None}, path)
    assert content(path) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]
