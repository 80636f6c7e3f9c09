"""The table of a sweep, best job first."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning_skin.atomic import atomic_path
from lightning_skin.cli.jobs import Job, read_jobs

FILE = "leaderboard.csv"
TEST_METRICS = ("balanced_accuracy", "accuracy")


def write_leaderboard(sweep: Path) -> None:
    """Write ``leaderboard.csv`` into the folder of a sweep, from what its jobs have left there so far.

    Columns: rank, job, status, one for each swept key, the score under the name of its metric, metrics on
    the test split, run_folder, error. Jobs without a score come last and have no rank.
    """
    rows = rank_jobs(read_jobs(sweep))
    with atomic_path(sweep / FILE) as path, path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rank_jobs(jobs: Mapping[Path, Job]) -> list[dict[str, Any]]:
    """Return the rows of the leaderboard, best first.

    Args:
        jobs: By their run folders; at least one.
    """
    swept = swept_overrides(list(jobs.values()))
    keys = list(dict.fromkeys(key for job in jobs.values() for key in swept[job.number]))
    monitors = {job.monitor for job in jobs.values()}
    score_name = monitors.pop() if len(monitors) == 1 else "score"
    ranked = sorted(jobs.items(), key=lambda item: _order(item[1]))
    return [
        {
            "rank": rank if _has_score(job) else "",
            "job": job.number,
            "status": job.status,
            **{key: swept[job.number].get(key, "") for key in keys},
            score_name: job.score if _has_score(job) else "",
            **_test_metrics(folder),
            "run_folder": str(folder),
            "error": job.error,
        }
        for rank, (folder, job) in enumerate(ranked, start=1)
    ]


def swept_overrides(jobs: Sequence[Job]) -> dict[int, dict[str, str]]:
    """Map each job's number to the overrides, by key, that not all jobs share."""
    shared = set.intersection(*(set(job.overrides) for job in jobs))
    return {job.number: dict(_pair(text) for text in job.overrides if text not in shared) for job in jobs}


def _pair(override: str) -> tuple[str, str]:
    key, _, value = override.partition("=")
    return key, value


def _has_score(job: Job) -> bool:
    return job.score is not None and math.isfinite(job.score)


def _order(job: Job) -> tuple[bool, float, int]:
    return not _has_score(job), -(job.score or 0.0), job.number


def _test_metrics(folder: Path) -> dict[str, Any]:
    file = folder / "metrics.json"
    metrics = json.loads(file.read_text(encoding="utf-8")).get("test", {}) if file.is_file() else {}
    return {f"test_{name}": metrics.get(name, "") for name in TEST_METRICS}
