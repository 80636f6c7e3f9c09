"""What is compared: one classifier, or several runs of one configuration pooled."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from lightning_skin.errors import InputError
from lightning_skin.evaluation.ensemble import pool
from lightning_skin.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Contender:
    """One side of a comparison.

    Attributes:
        name: For tables.
        runs: Tables as its runs left them, at least one.
        tables: A table of all test images for each time that they were judged: those of the runs where these
            differ in the seed, the pooled one where they are the rounds of a cross-validation, several of
            those where it was repeated.
    """

    name: str
    runs: tuple[Predictions, ...]
    tables: tuple[Predictions, ...]

    @property
    def pooling(self) -> Literal["none", "seeds", "folds"]:
        """What its runs have in common: nothing to pool, the test images, or none of them."""
        if len(self.runs) == 1:
            return "none"
        return "seeds" if len(self.tables) == len(self.runs) else "folds"

    @property
    def counted(self) -> str:
        """How many runs it is made of, such as ``5 folds × 3 seeds``."""
        seeds = len(self.tables)
        if self.pooling != "folds":
            return "1" if seeds == 1 else f"{seeds} seeds"
        return f"{len(self.runs) // seeds} folds" + (f" × {seeds} seeds" if seeds > 1 else "")


def pool_runs(name: str, runs: Mapping[str, Predictions]) -> Contender:
    """Make one contender of runs of one configuration.

    Args:
        name: Of the contender.
        runs: Tables by the names that they go by in a message. Runs with the same images are repetitions;
            where there are several sets of images, the n-th runs of all sets are pooled (out of fold).

    Raises:
        InputError: Two runs share some of their images only, or the folds have different numbers of runs.
    """
    folds: dict[frozenset[str], list[str]] = {}
    for run, table in runs.items():
        folds.setdefault(frozenset(table.images.tolist()), []).append(run)
    for (one, first), (other, second) in combinations(folds.items(), 2):
        if one & other:
            raise InputError(
                f"{first[0]} and {second[0]}, pooled as {name}, have {len(one)} and {len(other)} test "
                f"images, of which {len(one & other)} are the same, expected all (seeds) or none (folds); "
                "train on one split: data.seed=0 keeps it where seed changes"
            )
    if len({len(of_fold) for of_fold in folds.values()}) > 1:
        listed = ", ".join(f"{len(of_fold)} of the fold of {of_fold[0]}" for of_fold in folds.values())
        raise InputError(
            f"the folds of {name} have different numbers of runs: {listed}; finish those that are missing"
        )
    classes = next(iter(runs.values())).class_names
    if len(folds) > 1 and any(set(table.class_names) != set(classes) for table in runs.values()):
        raise InputError(f"the folds of {name} have different classes, expected one cross-validation")
    tables = [
        runs[members[0]]
        if len(members) == 1
        else pool([runs[member].with_classes(classes) for member in members])
        for members in zip(*folds.values(), strict=True)
    ]
    return Contender(name, tuple(runs.values()), tuple(tables))
