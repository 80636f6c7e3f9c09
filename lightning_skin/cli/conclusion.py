"""What a sweep prints when it ends."""

import shlex
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lightning_skin.cli.jobs import Job, read_jobs
from lightning_skin.cli.leaderboard import FILE, rank_jobs, write_leaderboard
from lightning_skin.cli.task import command_line

WIDTH_OF_A_FILE = 120
LEFT_OUT = ("run_folder", "error")


def conclude_sweep(sweep: Path) -> bool:
    """Print the leaderboard of a sweep, how to go on from its best job, and the errors of the others.

    Returns:
        Whether all jobs finished.
    """
    jobs = read_jobs(sweep)
    if not jobs:
        return True
    # Once more: a job of a parallel sweep may have read the records just before another one ended.
    write_leaderboard(sweep)
    rows = rank_jobs(jobs)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE, highlight=False)
    console.print(_table(rows))
    failed = [row for row in rows if row["status"] != "finished"]
    lines = [f"job {row['job']} {row['status']}: {row['error']}".removesuffix(": ") for row in failed]
    lines += _next_steps(sweep, rows[0], jobs[Path(rows[0]["run_folder"])])
    console.print("\n".join(lines), markup=False, soft_wrap=True)
    return not failed


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    names = [name for name in rows[0] if name not in LEFT_OUT]
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        # Not as bare text, in which [mel,nv] would be markup.
        table.add_row(*(Text(_shown(row[name])) for name in names))
    return table


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _next_steps(sweep: Path, best: dict[str, Any], job: Job) -> list[str]:
    steps = [f"table: {sweep / FILE}", f"curves: tensorboard --logdir {shlex.quote(str(sweep))}"]
    if best["rank"]:
        steps = [
            f"best: {command_line(job.overrides)}",
            f"test it again: {command_line(['mode=test', 'ckpt_path=' + best['run_folder']])}",
            *steps,
        ]
    return steps
