"""The command line: ``python scripts/run.py`` or ``lightning-skin``."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lightning_skin.cli.conf_folder import find_conf_folder

INTERRUPTED = 130
HELP = ("--help", "-h", "help")


def main() -> None:
    """Run the command line of this process and exit."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _main()
    except KeyboardInterrupt:
        # Before a run has begun, such as while libraries are loaded.
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


def _main() -> None:
    arguments = sys.argv[1:]
    if any(argument in HELP for argument in arguments):
        from lightning_skin.cli.help import help_text

        sys.stdout.write(help_text(find_conf_folder()))
    elif "--version" in arguments:
        from lightning_skin import __version__

        sys.stdout.write(f"lightning-skin {__version__}\n")
    else:
        sys.exit(launch(arguments, find_conf_folder()))


def launch(arguments: Sequence[str], conf_folder: Path) -> int:
    """Run a command line on the configuration files of a folder.

    Args:
        arguments: Flags and overrides, without the program's name.
        conf_folder: Folder of ``config.yaml``; absolute.

    Returns:
        Exit code: 0, 1 for a bug or a sweep with failed jobs, 2 for what the user has to mend, 130 when
        interrupted, 143 when terminated.
    """
    # Hydra then raises what it would otherwise print and exit on.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")

    # Not at the top, so that --help answers at once.
    from lightning_skin.cli.failure import report_failure
    from lightning_skin.cli.launcher import run_command_line

    try:
        return run_command_line(arguments, conf_folder)
    except BaseException as error:
        return report_failure(error)
