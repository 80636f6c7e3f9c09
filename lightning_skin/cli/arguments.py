"""Flags and overrides of a command line."""

from argparse import ArgumentError
from collections.abc import Sequence
from typing import NamedTuple

from hydra._internal.utils import get_args_parser

from lightning_skin.cli.suggest import suggest
from lightning_skin.errors import InputError


class Arguments(NamedTuple):
    """A command line, taken apart.

    Args:
        overrides: Such as ``seed=1``, in the order given.
        flags: Such as ``--cfg job``, in the order given.
        multirun: Whether the flags or the overrides ask for a sweep.
        runs: Whether anything is going to run, instead of being shown.
    """

    overrides: tuple[str, ...]
    flags: tuple[str, ...]
    multirun: bool
    runs: bool


def split_arguments(arguments: Sequence[str]) -> Arguments:
    """Take a command line apart; unlike Hydra, accept flags between overrides.

    Raises:
        InputError: A flag or its value is unknown.
    """
    parser = get_args_parser()
    parser.exit_on_error = False
    try:
        parsed, unknown = parser.parse_known_intermixed_args(list(arguments))
    except ArgumentError as error:
        raise InputError(str(error)) from error
    if unknown:
        known = [name for action in parser._actions for name in action.option_strings]
        raise InputError(f"unknown option {unknown[0]}{suggest(unknown[0], known)}; see --help")
    overrides = tuple(parsed.overrides)
    flags = list(arguments)
    for override in overrides:
        flags.remove(override)
    multirun = parsed.multirun or "hydra.mode=MULTIRUN" in overrides
    runs = not (parsed.cfg or parsed.info or parsed.hydra_help or parsed.shell_completion)
    return Arguments(overrides, tuple(flags), multirun, runs)
