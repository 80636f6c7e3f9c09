"""Repeat a run's own overrides when it is resumed."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from lightning_skin.errors import InputError

RECORD = "run.json"
NOT_REPEATED = ("mode", "ckpt_path")
PATH_KEYS = (
    "data.root",
    "data.metadata",
    "data.table",
    "data.classes",
    "data.file",
    "model.weights",
    "data.split_file",
    "data.manifest",
    "data.moved_to",
    "data.cache_dir",
    "data.stream",
)


def find_replayed(overrides: Sequence[str]) -> tuple[str, ...]:
    """Return the overrides of the run that a command line resumes, less those that it sets anew.

    Args:
        overrides: Those of the command line.

    Returns:
        Overrides to put before the given ones; none where nothing is resumed or nothing was recorded.

    Raises:
        InputError: The record of the run cannot be read.
    """
    given = {_key(text): _value(text) for text in overrides}
    if given.get("mode", "fit") != "fit" or given.get("ckpt_path", "null") in ("", "null"):
        return ()
    record = _run_folder(Path(given["ckpt_path"])) / RECORD
    if not record.is_file():
        return ()
    try:
        recorded = [str(text) for text in json.loads(record.read_text())["overrides"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{record} is no record of a run, expected JSON with the key overrides") from error
    left_out = {*given, *NOT_REPEATED}
    return tuple(text for text in recorded if _key(text) not in left_out and not _is_hydra(text))


def _run_folder(ckpt_path: Path) -> Path:
    # RUN/checkpoints/last.ckpt
    return ckpt_path.parent.parent if ckpt_path.is_file() else ckpt_path


def _key(text: str) -> str:
    return text.lstrip("+~").partition("=")[0]


def _value(text: str) -> str:
    try:
        return str(OverridesParser.create().parse_override(text).value())
    except HydraException:  # reported with the other malformed overrides
        return "null"


def _is_hydra(text: str) -> bool:
    return re.match(r"hydra[./]", _key(text)) is not None


def absolute_overrides(overrides: Sequence[str]) -> tuple[str, ...]:
    """Make the paths in overrides absolute, so that they can be replayed from any folder.

    Args:
        overrides: Valid overrides of one run; ``model.weights`` counts as a path where such a file exists,
            ``data.stream`` where it is no address.
    """
    return tuple(_absolute(text) for text in overrides)


def _absolute(text: str) -> str:
    key = _key(text)
    value = _value(text)
    if key not in PATH_KEYS or value in ("", "None") or "://" in value:
        return text
    place = Path(value).expanduser()
    # A folder of shards or of a cache may be made by the run, and the name of weights may be no path.
    if key == "model.weights" and not place.exists():
        return text
    path = str(place.absolute())
    plain = re.fullmatch(r"[\w/.+-]+", path, flags=re.ASCII)
    quoted = path if plain else "'" + path.replace("'", r"\'") + "'"
    return f"{text.partition('=')[0]}={quoted}"
