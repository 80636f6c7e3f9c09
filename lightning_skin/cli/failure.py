"""Which errors are the user's to mend, and how they read."""

import os
import traceback
from collections.abc import Iterator

from hydra.errors import HydraException, InstantiationException, MissingConfigException
from omegaconf.errors import OmegaConfBaseException

from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.one_voice import say_once
from lightning_skin.cli.termination import Terminated
from lightning_skin.errors import InputError

LOST_CONNECTION = (
    "Connection closed by peer",
    "Connection reset by peer",
    "DistBackendError",
    "DistNetworkError",
)


def explain_failure(error: BaseException) -> tuple[str, ...]:
    """Return one sentence for each thing that the user can mend; none where the error is a bug."""
    for cause in _causes(error):
        if isinstance(cause, ConfigurationError):
            return cause.problems
        if isinstance(cause, InputError):
            return (_one_line(_without_trace(str(cause))),)
    if isinstance(error, InstantiationException):
        return _explain_instantiation(error)
    if isinstance(error, MissingConfigException) and error.options:
        return (f"{error.missing_cfg_file} does not exist; choose one of {', '.join(error.options)}",)
    if isinstance(error, HydraException | OmegaConfBaseException):
        return (_one_line(str(error)),)
    if isinstance(error, OSError):
        return (_explain_system(error),)
    if isinstance(error, ValueError) and _raised_in(error).startswith("lightning."):
        # Lightning says so of arguments that do not fit the data, such as val_check_interval.
        return (_one_line(str(error)),)
    # By name: importing lightning to compare classes would take longer than the whole check.
    if type(error).__name__ == "MisconfigurationException":
        return (_one_line(str(error)),)
    return ()


def _without_trace(text: str) -> str:
    # What a process that reads images raised comes with its traceback in front.
    return (
        text.rpartition(f"{InputError.__name__}: ")[2] if text.startswith("Caught InputError in ") else text
    )


def _raised_in(error: BaseException) -> str:
    """Name of the module that raised it."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return str(frames[-1].f_globals.get("__name__", "")) if frames else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from what Hydra raised to what the code it called raised."""
    yield error
    while isinstance(error, InstantiationException) and error.__cause__ is not None:
        error = error.__cause__
        yield error


def _explain_instantiation(error: InstantiationException) -> tuple[str, ...]:
    *_, cause = _causes(error)
    node = str(error).rpartition("full_key: ")[2].strip()
    if cause is error or isinstance(cause, ImportError | TypeError | ValueError):
        return (f"{node} cannot be built: {_one_line(str(cause).partition('full_key:')[0])}",)
    return explain_failure(cause)


def _explain_system(error: OSError) -> str:
    if error.errno is None:
        return _one_line(str(error))
    place = "" if error.filename is None else f": {error.filename}"
    return f"{error.strerror or os.strerror(error.errno)}{place}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def report_failure(error: BaseException) -> int:
    """Write what stopped the program to standard error; of a distributed run, one process does.

    Returns:
        Exit code: 2 for what the user has to mend, 130 when interrupted, 143 when terminated, otherwise 1.
    """
    if isinstance(error, SystemExit) and not is_interrupt(error) and not is_termination(error):
        raise error
    text, code = _report(error)
    return say_once(text, code, aftermath=_is_aftermath(error))


def _report(error: BaseException) -> tuple[str, int]:
    if is_interrupt(error):
        return "interrupted\n", 130
    if is_termination(error):
        return "terminated\n", 143
    if problems := explain_failure(error):
        return "".join(f"error: {problem}\n" for problem in problems), 2
    if _is_aftermath(error):
        return f"error: another process of this run has ended without a word: {_one_line(str(error))}\n", 1
    *_, cause = _causes(error)
    what = _one_line(f"{type(cause).__name__}: {cause}")
    bug = f"error: {what}; this is a bug, please report it with the lines above\n"
    return "".join(traceback.format_exception(error)) + bug, 1


def _is_aftermath(error: BaseException) -> bool:
    """Whether this process only lost the connection to another one that failed."""
    said = f"{type(error).__name__}: {error}"
    return any(sign in said for sign in LOST_CONNECTION)


def is_termination(error: BaseException) -> bool:
    """Whether the process was told to end (SIGTERM), of which Lightning makes an exception of its own."""
    return isinstance(error, Terminated) or type(error).__name__ == "SIGTERMException"


def is_interrupt(error: BaseException) -> bool:
    """Whether the user pressed Ctrl-C, which Lightning turns into an exit."""
    return isinstance(error, KeyboardInterrupt) or (
        isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt)
    )
