"""From a checked command line to a run or a sweep."""

import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import hydra
from omegaconf import DictConfig

from lightning_skin.cli.arguments import Arguments, split_arguments
from lightning_skin.cli.conclusion import conclude_sweep
from lightning_skin.cli.preflight import check_command_line
from lightning_skin.cli.resume import find_replayed
from lightning_skin.cli.sweep import refuse_sweep, run_job
from lightning_skin.cli.task import run_mode
from lightning_skin.cli.termination import raising_termination
from lightning_skin.cli.tidy import is_first_process, no_empty_folder
from lightning_skin.errors import InputError

TERMINATED = 128 + signal.SIGTERM

Task = Callable[[DictConfig], float | None]


def run_command_line(arguments: Sequence[str], conf_folder: Path) -> int:
    """Check a command line and do what it says.

    Args:
        arguments: Flags and overrides.
        conf_folder: Folder of ``config.yaml``; absolute.

    Returns:
        1 for a sweep with failed jobs, otherwise 0.

    Raises:
        InputError: The command line cannot be used.
        Exception: Whatever stopped the run.
    """
    line = split_arguments(arguments)
    if not line.runs:
        _call_hydra(line, conf_folder, run_mode)
        return 0
    if not line.multirun:
        line = _with_replayed(line)
    folder = check_command_line(line.overrides, conf_folder, line.multirun)
    _check_writable(folder, "hydra.sweep.dir" if line.multirun else "hydra.run.dir")
    with no_empty_folder(folder):
        return _sweep(line, conf_folder, folder) if line.multirun else _run(line, conf_folder)


def _check_writable(folder: Path, key: str) -> None:
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        flaw = "cannot be written to" if nearest.is_dir() else "is not a folder"
        raise InputError(f"{nearest} {flaw}; set another {key}")


def _with_replayed(line: Arguments) -> Arguments:
    replayed = find_replayed(line.overrides)
    if replayed and is_first_process():
        sys.stdout.write(f"repeating the overrides of the run: {shlex.join(replayed)}\n")
    return line._replace(overrides=(*replayed, *line.overrides))


def _run(line: Arguments, conf_folder: Path) -> int:
    failures: list[Exception] = []

    def task(config: DictConfig) -> float | None:
        try:
            return run_mode(config)
        except Exception as error:
            # Raised past Hydra, which would print a line of its own first.
            failures.append(error)
            return None

    with raising_termination():
        _call_hydra(line, conf_folder, task)
    if failures:
        raise failures[0]
    return 0


def _sweep(line: Arguments, conf_folder: Path, folder: Path) -> int:
    refuse_sweep(folder)
    program = _program()

    def job(config: DictConfig) -> float:
        return run_job(config, program)

    # A sweep that is told to end takes its job along.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        _call_hydra(line, conf_folder, job)
    finally:
        signal.signal(signal.SIGTERM, before)
        finished = conclude_sweep(folder)
    return 0 if finished else 1


def _program() -> list[str]:
    spec = sys.modules["__main__"].__spec__
    return [sys.executable, *([str(Path(sys.argv[0]).absolute())] if spec is None else ["-m", spec.name])]


def _call_hydra(line: Arguments, conf_folder: Path, task: Task) -> None:
    # Also what Lightning starts its further processes with.
    sys.argv = [sys.argv[0], *line.overrides, *line.flags]
    hydra.main(version_base="1.3", config_path=str(conf_folder), config_name="config")(task)()
