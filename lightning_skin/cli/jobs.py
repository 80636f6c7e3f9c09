"""The record that each job of a sweep leaves in its folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from lightning_skin.atomic import atomic_path

RECORD = "job.json"


@dataclass(frozen=True)
class Job:
    """One job of a sweep.

    Attributes:
        number: From 0, in the order of the sweep.
        overrides: What it ran with.
        status: ``running`` also where the process died.
        monitor: Name of the score.
        score: What its mode returned; larger is better.
        error: In one line.
    """

    number: int
    overrides: tuple[str, ...]
    status: Literal["running", "finished", "failed", "interrupted"]
    monitor: str
    score: float | None = None
    error: str = ""

    def write(self, folder: Path) -> None:
        """Write ``job.json`` into the folder of the job."""
        with atomic_path(folder / RECORD) as path:
            path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_jobs(sweep: Path) -> dict[Path, Job]:
    """Return the jobs below the folder of a sweep by their folders, in the order of the sweep."""
    jobs = {record.parent: _read(record) for record in sweep.rglob(RECORD)}
    return dict(sorted(jobs.items(), key=lambda item: item[1].number))


def _read(record: Path) -> Job:
    fields = json.loads(record.read_text(encoding="utf-8"))
    return Job(**{**fields, "overrides": tuple(fields["overrides"])})
