"""Sweeps of the sample mode, each in processes of its own."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent / "sample"


def command_line(*arguments: str) -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, str(SAMPLE / "run_sample.py"), "-m", *arguments, "hydra.sweep.dir=sweep"]
    return command, {**os.environ, "PYTHONPATH": str(SAMPLE)}


def sweep(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command, environment = command_line(*arguments)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def leaderboard(folder: Path) -> list[dict[str, str]]:
    with (folder / "sweep" / "leaderboard.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_jobs_that_fail_or_die_leave_the_others_alone(tmp_path: Path) -> None:
    finished = sweep(tmp_path, "action=die,nothing,refuse", "model.dropout=0.25")
    assert finished.returncode == 1
    best, died, refused = leaderboard(tmp_path)
    assert (best["rank"], best["job"], best["action"]) == ("1", "1", "nothing")
    assert (best["val/balanced_accuracy"], best["test_balanced_accuracy"]) == ("0.25", "0.125")
    assert (died["status"], died["error"]) == ("failed", "killed by SIGKILL")
    assert (refused["status"], refused["error"]) == ("failed", "data.root is nowhere, expected a folder")
    assert finished.stderr == "error: job 2: data.root is nowhere, expected a folder\n"
    assert "model.dropout" not in best
    assert json.loads((tmp_path / "sweep/1/job.json").read_text())["status"] == "finished"


def test_an_interrupt_ends_the_sweep_and_keeps_the_table(tmp_path: Path) -> None:
    finished = sweep(tmp_path, "action=interrupt,nothing")
    assert finished.returncode == 130
    assert [row["status"] for row in leaderboard(tmp_path)] == ["interrupted"]
    assert "job 0 interrupted" in finished.stdout


def test_a_wrong_value_is_refused_before_the_first_job(tmp_path: Path) -> None:
    finished = sweep(tmp_path, "seed=0,1", "model.dropout=0.1,1.5")
    assert finished.returncode == 2
    assert finished.stderr == "error: model.dropout is 1.5, expected a number in [0, 1)\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_takes_one_sweep(tmp_path: Path) -> None:
    (tmp_path / "sweep" / "0").mkdir(parents=True)
    record = {"number": 0, "overrides": [], "status": "finished", "monitor": "score"}
    (tmp_path / "sweep" / "0" / "job.json").write_text(json.dumps(record))
    finished = sweep(tmp_path, "seed=0,1")
    assert finished.returncode == 2
    assert finished.stderr == "error: sweep holds a sweep already; set another hydra.sweep.dir\n"


@pytest.mark.slow
def test_jobs_may_run_side_by_side(tmp_path: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    finished = sweep(tmp_path, "model.dropout=0.1,0.2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert finished.returncode == 0, finished.stderr
    assert [row["val/balanced_accuracy"] for row in leaderboard(tmp_path)] == ["0.2", "0.1"]


def test_a_terminated_sweep_takes_its_job_along(tmp_path: Path) -> None:
    command, environment = command_line("action=wait,nothing")
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        pid = tmp_path / "sweep" / "0" / "pid"
        end = time.monotonic() + 60
        while not pid.is_file() or not pid.read_text().endswith("\n"):
            assert time.monotonic() < end
            time.sleep(0.05)
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "job 0 interrupted" in said
    assert not Path("/proc", pid.read_text().strip()).exists()
