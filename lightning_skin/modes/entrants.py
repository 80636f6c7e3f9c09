"""What ``runs`` means to mode=compare: predictions tables, alone or several as one entry."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from os.path import commonpath
from pathlib import Path
from typing import NamedTuple

from lightning_skin.errors import InputError
from lightning_skin.modes.members import finished_runs, names_of
from lightning_skin.modes.recorded import Recorded, read_recorded
from lightning_skin.modes.run_folder import RECORD

logger = logging.getLogger(__name__)

Named = str | Sequence[str | Sequence[str]] | Mapping[str, str | Sequence[str]]
"""A path, a list of them in which a list is one entry, or such entries by name."""


class Source(NamedTuple):
    """A predictions table.

    Attributes:
        file: Its file.
        recorded: What its run says of itself; ``None`` of a file that was named as such.
    """

    file: Path
    recorded: Recorded | None


class Entrant(NamedTuple):
    """What is one side of a comparison.

    Attributes:
        name: For tables; different from those of the others.
        files: Predictions tables that are pooled, at least one.
        differs: Overrides of its runs that not all entrants share, seeds and folds aside.
        malignant: Classes that count as malignant to its first run; none where that is not known.
    """

    name: str
    files: list[Path]
    differs: str
    malignant: tuple[str, ...]


def find_entrants(runs: Named | None, split: str, pool: bool) -> list[Entrant]:
    """Find the tables to compare, in the order given.

    Args:
        runs: Runs, sweeps (their finished runs) or predictions files. What stands in a list of its own or
            under one name is one entry.
        split: ``test`` or ``val``, which a run is judged on.
        pool: Whether other runs that differ in seed or fold only become one entry.

    Raises:
        InputError: No runs are named, a path does not exist, holds no predictions or is named twice, no run
            of a sweep has finished, or two runs to pool are alike in seed and fold.
    """
    if runs is None:
        raise InputError("runs is not set; name what to compare: runs=[RUN,RUN]")
    found = list(_collect(runs, split, pool))
    files = [source.file for _, sources in found for source in sources]
    if twice := [file for place, file in enumerate(files) if file.resolve() in _resolved(files[:place])]:
        raise InputError(f"runs names {twice[0]} twice, expected each run once")
    for _, sources in found:
        _warn_of_missing_folds(sources)
    differs = _differing([sources for _, sources in found])
    paths = names_of([_common(sources) for _, sources in found], Path("predictions", f"{split}.csv"))
    names: list[str] = []
    for (given, sources), path, overrides in zip(found, paths, differs, strict=True):
        name = given or (overrides if len(sources) > 1 and overrides else path)
        alike = sum(name == other or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({alike + 1})" if alike else name)
    return [
        Entrant(name, [source.file for source in sources], overrides, _malignant(sources[0]))
        for name, (_, sources), overrides in zip(names, found, differs, strict=True)
    ]


def _collect(runs: Named, split: str, pool: bool) -> Iterator[tuple[str | None, list[Source]]]:
    """Each entry with the name that it was given."""
    if isinstance(runs, Mapping):
        for name, paths in runs.items():
            yield name, _together([paths] if isinstance(paths, str) else paths, split)
        return
    entries = [runs] if isinstance(runs, str) else list(runs)
    found: list[list[Source]] = []
    by_configuration: dict[str, list[Source]] = {}
    for entry in entries:
        if not isinstance(entry, str):
            found.append(_together(entry, split))
            continue
        for source in _sources(entry, split):
            configuration = source.recorded.configuration if pool and source.recorded else None
            if configuration is None:
                found.append([source])
            elif configuration in by_configuration:
                by_configuration[configuration].append(source)
            else:
                by_configuration[configuration] = [source]
                found.append(by_configuration[configuration])
    for sources in by_configuration.values():
        sources.sort(key=_place)
        _refuse_repeated(sources)
    for sources in found:
        yield None, sources


def _together(paths: Sequence[str], split: str) -> list[Source]:
    return sorted((source for path in paths for source in _sources(path, split)), key=_place)


def _place(source: Source) -> tuple[int, int]:
    """Repetitions by their seeds, so that rounds of one cross-validation are pooled."""
    return (0, 0) if source.recorded is None else source.recorded.place


def _refuse_repeated(sources: Sequence[Source]) -> None:
    for one, other in pairwise(sources):
        if _place(one) == _place(other) and not one.file.samefile(other.file):
            raise InputError(
                f"{one.file} and {other.file} are of one configuration, seed and fold, expected each run "
                "once; leave one out, or compare them with each other: compare.pool=false"
            )


def _malignant(source: Source) -> tuple[str, ...]:
    return () if source.recorded is None else source.recorded.malignant


def _warn_of_missing_folds(sources: Sequence[Source]) -> None:
    rounds = {one.recorded.place[1] for one in sources if one.recorded}
    folds = max((one.recorded.folds for one in sources if one.recorded), default=1)
    if 1 < len(rounds) < folds:
        logger.warning(
            "%d of the %d folds of %s are missing; their images are judged by nobody",
            folds - len(rounds),
            folds,
            _common(sources),
        )


def _sources(path: str, split: str) -> list[Source]:
    place = Path(path).expanduser()
    if place.is_file():
        if place.suffix == ".ckpt":
            raise InputError(
                f"runs names {path}, a checkpoint, expected the run that wrote it, or one that tested it "
                "with mode=test ckpt_path=CKPT"
            )
        return [Source(place, None)]
    if not place.is_dir():
        raise InputError(f"runs names {path}, which does not exist")
    inside = Path("predictions", f"{split}.csv")
    if (place / inside).is_file():
        return [Source(place / inside, read_recorded(place))]
    runs = [] if (place / RECORD).is_file() else finished_runs(place, "config.yaml")
    sources = [Source(run / inside, read_recorded(run)) for run in runs if (run / inside).is_file()]
    if not sources:
        raise InputError(
            f"runs names {path}, which holds no {inside}, expected a run of mode=fit, test or evaluate, "
            "or a sweep of such"
        )
    return sources


def _resolved(files: Sequence[Path]) -> set[Path]:
    return {file.resolve() for file in files}


def _common(sources: Sequence[Source]) -> Path:
    """The file of one table, the folder that holds the runs of several."""
    if len(sources) == 1:
        return sources[0].file
    return Path(commonpath([source.file.parent.parent.absolute() for source in sources]))


def _differing(entries: Sequence[Sequence[Source]]) -> list[str]:
    """For each entry the overrides that all of its runs share, and not all entries."""
    of_entries = [_shared([one.recorded for one in sources if one.recorded]) for sources in entries]
    known = [set(texts) for texts, sources in zip(of_entries, entries, strict=True) if sources[0].recorded]
    of_all = set.intersection(*known) if known else set()
    return [", ".join(text for text in texts if text not in of_all) for texts in of_entries]


def _shared(runs: Sequence[Recorded]) -> list[str]:
    return [text for text in runs[0].overrides if all(text in run.overrides for run in runs)] if runs else []
