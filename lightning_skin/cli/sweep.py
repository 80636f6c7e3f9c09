"""One job of a sweep: whatever happens to it, the others go on."""

import math
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from lightning_skin.cli.failure import causes, explain_failure, is_interrupt
from lightning_skin.cli.jobs import RECORD, Job, read_jobs
from lightning_skin.cli.leaderboard import write_leaderboard
from lightning_skin.cli.task import run_mode


def prepare_sweep(folder: Path) -> None:
    """Forget the records of an earlier sweep in the same folder."""
    for job_folder in read_jobs(folder):
        (job_folder / RECORD).unlink()


def run_job(config: DictConfig) -> float:
    """Run one job, record what came of it and refresh the leaderboard.

    Returns:
        Its score; NaN where it failed or has none.
    """
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    overrides = tuple(hydra_config.overrides.task)
    job = Job(hydra_config.job.num, overrides, "running", str(config.get("monitor", "score")))
    job.write(folder)
    try:
        score = run_mode(config)
        job = replace(job, status="finished", score=score)
    except Exception as error:
        job = replace(job, status="failed", error=_report(job.number, error))
    except BaseException as error:
        job = replace(job, status="interrupted" if is_interrupt(error) else "failed")
        raise
    finally:
        job.write(folder)
        write_leaderboard(Path(hydra_config.sweep.dir))
    return math.nan if job.score is None else job.score


def _report(number: int, error: Exception) -> str:
    problems = explain_failure(error)
    if not problems:
        traceback.print_exception(error)
        *_, cause = causes(error)
        problems = (" ".join(f"{type(cause).__name__}: {cause}".split()),)
    sys.stderr.writelines(f"error: job {number}: {problem}\n" for problem in problems)
    return "; ".join(problems)
