import json
from pathlib import Path

import pytest

from lightning_skin.cli.jobs import Job, read_jobs

MONITOR = "val/balanced_accuracy"


def written(folder: Path, job: Job) -> Job:
    folder.mkdir(parents=True, exist_ok=True)
    job.write(folder)
    return job


@pytest.mark.parametrize(
    "job",
    [
        Job(0, (), "running", MONITOR),
        Job(3, ("seed=3", "data.root='Läsionen, alle'"), "finished", MONITOR, 0.5),
        Job(1, ("seed=1",), "failed", MONITOR, None, 'data.root is "", expected a folder'),
    ],
    ids=lambda job: job.status,
)
def test_a_job_is_read_as_it_was_written(job: Job, tmp_path: Path) -> None:
    written(tmp_path / "0", job)
    assert read_jobs(tmp_path) == {tmp_path / "0": job}


def test_a_later_record_replaces_an_earlier_one(tmp_path: Path) -> None:
    written(tmp_path, Job(0, ("seed=0",), "running", MONITOR))
    last = written(tmp_path, Job(0, ("seed=0",), "finished", MONITOR, 1.0))
    assert read_jobs(tmp_path)[tmp_path] == last
    assert [path.name for path in tmp_path.iterdir()] == ["job.json"]


def test_jobs_are_ordered_by_number_and_not_by_name(tmp_path: Path) -> None:
    for number in (10, 9, 0):
        written(tmp_path / str(number), Job(number, (), "finished", MONITOR))
    assert [folder.name for folder in read_jobs(tmp_path)] == ["0", "9", "10"]


def test_jobs_may_lie_in_folders_of_folders(tmp_path: Path) -> None:
    written(tmp_path / "model" / "resnet18", Job(0, (), "finished", MONITOR))
    assert list(read_jobs(tmp_path)) == [tmp_path / "model" / "resnet18"]


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_a_folder_without_jobs_has_none(name: str, tmp_path: Path) -> None:
    assert read_jobs(tmp_path / name) == {}


def test_the_record_is_readable_json(tmp_path: Path) -> None:
    written(tmp_path, Job(2, ("seed=2",), "finished", MONITOR, 0.25))
    assert json.loads((tmp_path / "job.json").read_text()) == {
        "number": 2,
        "overrides": ["seed=2"],
        "status": "finished",
        "monitor": MONITOR,
        "score": 0.25,
        "error": "",
    }
