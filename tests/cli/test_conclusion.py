"""The end of a sweep; the case with a bit of everything is in test_leaderboard.py."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.cli.conclusion import conclude_sweep
from lightning_skin.cli.jobs import Job

MONITOR = "val/balanced_accuracy"
Conclude = Callable[..., tuple[bool, str]]


@pytest.fixture
def conclude(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Conclude:
    """Concludes a sweep of these jobs in the folder ``my sweep``: whether all finished, and what was said."""
    monkeypatch.setattr("sys.argv", ["scripts/run.py"])

    def conclude_jobs(*jobs: Job) -> tuple[bool, str]:
        for job in jobs:
            (tmp_path / "my sweep" / str(job.number)).mkdir(parents=True)
            job.write(tmp_path / "my sweep" / str(job.number))
        return conclude_sweep(tmp_path / "my sweep"), capsys.readouterr().out

    return conclude_jobs


def test_a_sweep_without_jobs_is_over_in_silence(conclude: Conclude, tmp_path: Path) -> None:
    assert conclude() == (True, "")
    assert list(tmp_path.iterdir()) == []


def test_all_jobs_finished(conclude: Conclude) -> None:
    finished, said = conclude(Job(0, ("seed=0",), "finished", MONITOR, 0.5))
    assert finished
    assert "job 0" not in said


@pytest.mark.parametrize("status", ["failed", "interrupted", "running"])
def test_a_job_that_did_not_finish_is_named(status: str, conclude: Conclude) -> None:
    finished, said = conclude(Job(0, (), "finished", MONITOR, 0.5), Job(1, (), status, MONITOR))
    assert not finished
    assert f"job 1 {status}" in said.splitlines()


def test_scores_have_four_decimals(conclude: Conclude) -> None:
    _, said = conclude(Job(0, ("seed=0",), "finished", MONITOR, 2 / 3))
    assert "0.6667" in said
    assert "0.66666" not in said


def test_square_brackets_of_an_error_are_no_markup(conclude: Conclude) -> None:
    error = "data.fractions is [red], expected three shares"
    assert f"job 0 failed: {error}" in conclude(Job(0, (), "failed", MONITOR, None, error))[1]


def test_overrides_in_square_brackets_are_shown_in_the_table(conclude: Conclude) -> None:
    jobs = [
        Job(number, (f"callbacks={text}",), "finished", MONITOR, 0.5)
        for number, text in enumerate(["[checkpoint]", "[history]"])
    ]
    _, said = conclude(*jobs)
    assert said.partition("best:")[0].count("[history]") == 1


def test_a_path_with_a_space_is_quoted_in_what_to_type(conclude: Conclude, tmp_path: Path) -> None:
    _, said = conclude(Job(0, ("seed=0",), "finished", MONITOR, 0.5))
    assert f"curves: tensorboard --logdir '{tmp_path / 'my sweep'}'" in said
    assert f"test it again: python scripts/run.py mode=test 'ckpt_path={tmp_path / 'my sweep' / '0'}'" in said


def test_the_table_is_written_once_more(conclude: Conclude, tmp_path: Path) -> None:
    conclude(Job(0, ("seed=0",), "finished", MONITOR, 0.5))
    assert (tmp_path / "my sweep" / "leaderboard.csv").read_text().startswith("rank,job,status,")
