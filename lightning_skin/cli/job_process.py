"""A process whose errors are passed on and remembered."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Sequence

PREFIX = "error: "
INTERRUPTED = 130
PR_SET_PDEATHSIG = 1


def run_process(command: Sequence[str], name: str) -> tuple[int, str]:
    """Run a command line of this package to its end.

    Args:
        command: Program and arguments.
        name: Put into its error lines, which appear on standard error like the rest of what it says there.

    Returns:
        Exit code and the error in one line; empty where there was none.
    """
    errors: list[str] = []
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, errors="replace", preexec_fn=_die_with_parent
    ) as process:
        try:
            for line in process.stderr or ():
                if line.startswith(PREFIX):
                    errors.append(line.removeprefix(PREFIX).strip())
                    line = f"{PREFIX}{name}: {errors[-1]}\n"
                sys.stderr.write(line)
            code = process.wait()
        except SystemExit:
            process.terminate()
            process.wait()
            raise
        except KeyboardInterrupt:
            # The process got it too, and has something to finish and to say.
            sys.stderr.writelines(process.stderr or ())
            process.wait()
            raise
    return code, _error(code, errors)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _error(code: int, errors: list[str]) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return "; ".join(errors) or f"exit code {code}"
