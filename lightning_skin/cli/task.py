"""What Hydra calls with the composed configuration."""

import errno
import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from lightning_skin.cli.check import find_problems
from lightning_skin.cli.contradictions import find_contradictions
from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.failure import is_interrupt, is_termination
from lightning_skin.cli.memory import memory_advice, ran_out_of_memory
from lightning_skin.cli.resume import absolute_overrides
from lightning_skin.cli.tidy import is_first_process
from lightning_skin.errors import InputError

if TYPE_CHECKING:
    from lightning_skin.modes.run_folder import Run


def run_mode(config: DictConfig) -> float | None:
    """Build what the configuration describes and hand it to the chosen mode.

    Returns:
        The score of the mode, for a sweep to compare, or ``None``.

    Raises:
        ConfigurationError: A value breaks its rule; before anything heavy is imported.
    """
    resolved = cast(dict[str, Any], OmegaConf.to_container(config, resolve=True))
    if problems := find_problems(resolved) or find_contradictions(resolved):
        raise ConfigurationError(problems)

    from lightning_skin.modes.run_folder import Run

    hydra_config = HydraConfig.get()
    # The mode refers to the other groups; its name says as much as a second copy of all of them.
    resolved["mode"] = hydra_config.runtime.choices["mode"]
    overrides = list(hydra_config.overrides.task)
    run = Run(
        folder=Path(hydra_config.runtime.output_dir),
        config=resolved,
        overrides=absolute_overrides(overrides),
        command=command_line(overrides),
    )
    try:
        with _recorded(run), _said_by_the_first():
            return cast(float | None, instantiate(config["mode"], _convert_="all")(run=run))
    except OSError as error:
        # A write to a full disk does not say which file it was.
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT):
            error.filename = str(run.folder)
        raise
    except (MemoryError, RuntimeError) as error:
        if ran_out_of_memory(error):
            raise InputError(memory_advice(resolved)) from error
        raise
    except TypeError as error:
        if blamed := _refused_argument(error, overrides):
            raise InputError(f"{blamed} is not accepted: {error}") from error
        raise


@contextmanager
def _recorded(run: "Run") -> Iterator[None]:
    """Leave in the run folder why a run is incomplete, and tell the user how to go on."""
    try:
        yield
    except BaseException as error:
        if is_first_process():
            run.abandon("interrupted" if is_interrupt(error) or is_termination(error) else "failed")
            if (run.folder / "checkpoints" / "last.ckpt").is_file():
                sys.stderr.write(f"resume with: {command_line([f'ckpt_path={run.folder}'])}\n")
        raise


@contextmanager
def _said_by_the_first() -> Iterator[None]:
    """Have the other processes of a distributed run say nothing that the first one says too."""
    logger = logging.getLogger("lightning_skin")
    level = logger.level
    if not is_first_process():
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _refused_argument(error: TypeError, overrides: Sequence[str]) -> str | None:
    """Find an argument that the user added, such as ``+model.betas=1``, in a call that refuses it."""
    for text in overrides:
        name = text.partition("=")[0].rpartition(".")[2]
        if text.startswith("+") and f"unexpected keyword argument '{name}'" in str(error):
            return text
    return None


def command_line(overrides: Sequence[str]) -> str:
    """Return what to type to run these overrides again."""
    program = Path(sys.argv[0])
    start = ["python", "scripts/run.py"] if program.suffix == ".py" else [program.name]
    return shlex.join([*start, *overrides])
