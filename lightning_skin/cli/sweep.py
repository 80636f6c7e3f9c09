"""One job of a sweep: a run in a process of its own, so that whatever happens to it, the others go on."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from lightning_skin.cli.job_process import INTERRUPTED, run_process
from lightning_skin.cli.jobs import Job, read_jobs
from lightning_skin.cli.leaderboard import write_leaderboard
from lightning_skin.errors import InputError


def refuse_sweep(folder: Path) -> None:
    """Check that a sweep can start here.

    Raises:
        InputError: The folder holds a sweep already, or every process of a distributed run would sweep.
    """
    if "LOCAL_RANK" in os.environ:
        raise InputError("a sweep starts its runs itself, expected -m without torchrun")
    if read_jobs(folder):
        raise InputError(f"{folder} holds a sweep already; set another hydra.sweep.dir")


def run_job(config: DictConfig, program: Sequence[str]) -> float:
    """Run one job, record what came of it and refresh the leaderboard.

    Args:
        config: Composed for the job.
        program: Starts a run when followed by overrides.

    Returns:
        Its score; NaN where it failed or has none.

    Raises:
        KeyboardInterrupt: It was interrupted, and so is the sweep.
    """
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    overrides = tuple(hydra_config.overrides.task)
    job = Job(hydra_config.job.num, overrides, "running", str(config.get("monitor", "score")))
    job.write(folder)
    try:
        command = [*program, *overrides, f"hydra.run.dir={json.dumps(str(folder), ensure_ascii=False)}"]
        code, error = run_process(command, f"job {job.number}")
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        job = replace(job, status="failed", error=error) if code else _finished(job, folder)
    except (KeyboardInterrupt, SystemExit):
        job = replace(job, status="interrupted")
        raise
    finally:
        job.write(folder)
        write_leaderboard(Path(hydra_config.sweep.dir))
    return math.nan if job.score is None else job.score


def _finished(job: Job, folder: Path) -> Job:
    record = folder / "run.json"
    score = json.loads(record.read_text(encoding="utf-8")).get("score") if record.is_file() else None
    return replace(job, status="finished", score=score)
