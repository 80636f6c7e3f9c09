"""What is known of the run that made predictions, in plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SPLITS = ("train", "val", "test")
ANY_TWO = "any two"
"""Leaks between any two splits, where nothing is counted twice."""


class Leak(NamedTuple):
    """What two splits share of one class.

    Attributes:
        splits: Such as ``train and test``; ``any two`` counts nothing twice.
        label: Class.
        groups: Lesions or patients with images in both.
        images: Of these groups.
        duplicates: Images whose file stands in the other split byte by byte.
    """

    splits: str
    label: str
    groups: int
    images: int
    duplicates: int


@dataclass(frozen=True)
class RunFacts:
    """Empty where a fact is not known, as for predictions that another tool made.

    Attributes:
        name: Of the run or of the predictions file.
        created: ISO time of the report.
        started: ISO time of the run.
        seconds: How long it took.
        command: Command line.
        seed: Of the run, and of the bootstrap.
        device: What it ran on.
        commit: Of the code, and whether it was changed since.
        versions: Of the libraries, by name.
        recipe: What was trained and how, as title and value.
        config: The resolved configuration as YAML.
        data: Name of the data.
        manifest_hash: SHA-256 that names images, labels, groups and split.
        counts: Images of each class in each split: ``{label: {split: count}}``.
        leaks: What splits share; empty where that was not looked at.
        licences: Images under each licence.
        trained_on: Test images that were trained on, or whose lesion or patient was.
        history: A row an epoch, as ``metrics.csv`` has them.
        monitor: Metric that selected the checkpoint.
    """

    name: str
    created: str = ""
    started: str = ""
    seconds: float | None = None
    command: str = ""
    seed: int = 0
    device: str = ""
    commit: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    recipe: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    data: str = ""
    manifest_hash: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    leaks: Sequence[Leak] = ()
    licences: Mapping[str, int] = field(default_factory=dict)
    trained_on: int = 0
    history: Sequence[Mapping[str, float]] = ()
    monitor: str = ""


def splits_of(facts: RunFacts) -> list[str]:
    """The splits that have images, in their order."""
    present = {split for row in facts.counts.values() for split, count in row.items() if count}
    return [split for split in SPLITS if split in present]


def shared_classes(facts: RunFacts) -> list[Leak]:
    """The rows of the leak table in which two splits share something."""
    return [leak for leak in facts.leaks if leak.splits != ANY_TWO and (leak.groups or leak.duplicates)]


def recipe(facts: RunFacts) -> list[tuple[str, str]]:
    """What was done with what, as title and value; nothing where no run is known."""
    if not facts.started:
        return []
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    told = {
        **facts.recipe,
        "Seed": str(facts.seed),
        "Started": facts.started,
        "Took": "" if facts.seconds is None else duration(facts.seconds),
        "Device": facts.device,
        "Code": facts.commit,
        "Versions": versions,
    }
    return [(title, value) for title, value in told.items() if value]


def duration(seconds: float) -> str:
    """A time in words of two units at most."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
