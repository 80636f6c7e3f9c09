import csv
import json
from pathlib import Path

import pytest

from lightning_skin.cli.conclusion import conclude_sweep
from lightning_skin.cli.jobs import Job, read_jobs
from lightning_skin.cli.leaderboard import rank_jobs, write_leaderboard

MONITOR = "val/balanced_accuracy"


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Four jobs: good, failed, best, still running."""
    jobs = [
        Job(0, ("seed=0", "model=resnet18"), "finished", MONITOR, 0.5),
        Job(1, ("seed=0", "model=resnet50"), "failed", MONITOR, error="out of memory, sadly"),
        Job(2, ("seed=0", "model=timm"), "finished", MONITOR, 0.75),
        Job(10, ("seed=0", "model=b0"), "running", MONITOR),
    ]
    for job in jobs:
        (tmp_path / str(job.number)).mkdir()
        job.write(tmp_path / str(job.number))
    metrics = {"val": {"accuracy": 0.1}, "test": {"balanced_accuracy": 0.625, "accuracy": 0.875}}
    (tmp_path / "2" / "metrics.json").write_text(json.dumps(metrics))
    return tmp_path


def test_jobs_are_read_as_written_and_in_order(sweep: Path) -> None:
    jobs = read_jobs(sweep)
    assert [job.number for job in jobs.values()] == [0, 1, 2, 10]
    assert jobs[sweep / "1"] == Job(
        1, ("seed=0", "model=resnet50"), "failed", MONITOR, None, "out of memory, sadly"
    )


def test_the_table_is_ranked_and_jobs_without_a_score_come_last(sweep: Path) -> None:
    write_leaderboard(sweep)
    with (sweep / "leaderboard.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["rank"], row["job"], row["status"]) for row in rows] == [
        ("1", "2", "finished"),
        ("2", "0", "finished"),
        ("", "1", "failed"),
        ("", "10", "running"),
    ]
    assert rows[0][MONITOR] == "0.75"
    assert (rows[0]["test_balanced_accuracy"], rows[0]["test_accuracy"]) == ("0.625", "0.875")
    assert rows[2]["error"] == "out of memory, sadly"
    assert rows[1]["run_folder"] == str(sweep / "0")


def test_only_what_differs_between_jobs_has_a_column(sweep: Path) -> None:
    rows = rank_jobs(read_jobs(sweep))
    assert [row["model"] for row in rows] == ["timm", "resnet18", "resnet50", "b0"]
    assert "seed" not in rows[0]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), None])
def test_a_score_that_is_no_number_has_no_rank(score: float | None) -> None:
    jobs = {
        Path("0"): Job(0, (), "finished", MONITOR, score),
        Path("1"): Job(1, (), "finished", MONITOR, -1.0),
    }
    assert [(row["rank"], row["job"]) for row in rank_jobs(jobs)] == [(1, 1), ("", 0)]


def test_the_end_of_a_sweep_shows_the_best_job_and_the_errors(
    sweep: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["scripts/run.py"])
    assert not conclude_sweep(sweep)
    said = capsys.readouterr().out
    assert "job 1 failed: out of memory, sadly" in said
    assert "best: python scripts/run.py seed=0 model=timm" in said
    assert f"mode=test ckpt_path={sweep / '2'}" in said
    assert f"tensorboard --logdir {sweep}" in said


def test_a_sweep_without_a_score_names_no_best_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Job(0, ("seed=0",), "finished", MONITOR).write(tmp_path)
    assert conclude_sweep(tmp_path)
    assert "best:" not in capsys.readouterr().out
