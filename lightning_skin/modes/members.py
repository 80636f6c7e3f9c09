"""The checkpoints that ``ckpt_path`` means: one, several, or those of all finished runs of a sweep."""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from lightning_skin.data.examples import first_few
from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import find_checkpoint
from lightning_skin.modes.run_folder import RECORD

logger = logging.getLogger(__name__)


def find_members(ckpt_path: str | Sequence[str] | None) -> list[Path]:
    """Find the checkpoints to test, in the order given.

    Args:
        ckpt_path: A checkpoint, a run (its best checkpoint), a sweep (those of its finished runs), or a list.

    Raises:
        InputError: One does not exist, is named twice, or a sweep has no finished run.
    """
    entries = [ckpt_path] if ckpt_path is None or isinstance(ckpt_path, str) else list(ckpt_path)
    if not entries:
        raise InputError("ckpt_path is an empty list, expected runs or checkpoints: ckpt_path=[RUN,RUN]")
    found = [path for entry in entries for path in _checkpoints(entry)]
    twice = [path for row, path in enumerate(found) if path in found[:row]]
    if twice:
        raise InputError(f"ckpt_path names {twice[0]} twice, expected each checkpoint once")
    return found


def names_of(paths: Sequence[Path], usual: Path = Path("checkpoints", "best.ckpt")) -> list[str]:
    """What tells files of runs apart in a table: the folder of their run, or the file, as short as it goes.

    Args:
        paths: Of the files.
        usual: Where such a file usually lies in the folder of a run.
    """
    full = [path.parent.parent if path.parts[-2:] == usual.parts else path for path in paths]
    if len(full) < 2:
        return [str(path) for path in full]
    places = [path.absolute() for path in full]
    shared = Path(os.path.commonpath(places))
    top = shared.parent if shared in places else shared
    if top == Path(top.anchor):
        return [str(path) for path in full]
    return [str(path.relative_to(top)) for path in places]


def _checkpoints(entry: str | None) -> list[Path]:
    folder = None if entry is None else Path(entry).expanduser()
    if folder is None or not folder.is_dir() or folder.name == "checkpoints" or (folder / RECORD).exists():
        return [find_checkpoint(entry, "best")]
    trained = finished_runs(folder, "checkpoints")
    return [find_checkpoint(str(run), "best") for run in trained] or [find_checkpoint(entry, "best")]


def finished_runs(folder: Path, part: str) -> list[Path]:
    """Find the finished runs of a sweep, in the order of their numbers.

    Args:
        folder: Of the sweep.
        part: File or folder in the folder of each run that counts.

    Returns:
        None of them where there are no such runs, finished or not.

    Raises:
        InputError: None of the runs has finished.
    """
    runs = [record.parent for record in folder.rglob(RECORD) if (record.parent / part).exists()]
    # Jobs are numbered; 10 follows 9.
    runs.sort(key=lambda run: [name.zfill(9) for name in run.parts])
    finished = [run for run in runs if _status(run) == "finished"]
    if runs and not finished:
        raise InputError(f"{folder} holds {len(runs)} run(s), of which none has finished; finish one first")
    if left_out := [run for run in runs if run not in finished]:
        logger.warning(
            "%d run(s) of %s did not finish and are left out: %s",
            len(left_out),
            folder,
            first_few(str(run.relative_to(folder)) for run in left_out),
        )
    return finished


def _status(run: Path) -> str:
    try:
        return str(json.loads((run / RECORD).read_text(encoding="utf-8")).get("status"))
    except (OSError, ValueError, AttributeError):
        return "unknown"
