"""How to split, as the user says it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lightning_skin.errors import InputError


@dataclass(frozen=True)
class SplitSettings:
    """How to split.

    Attributes:
        fractions: Shares of train, val and test; positive, sum 1.
        seed: Of the split.
        folds: Rounds of a cross-validation, at least 2; ``None`` for a single split.
        fold: The round whose images are test, from 0; ``None`` for a single split.
        split_file: Table with the columns ``path`` and ``split`` of images that keep their split; ``None``
            where there is none.
        allow_leakage: Whether groups may be divided by a split that was made elsewhere.

    Raises:
        InputError: The settings contradict each other.
    """

    fractions: Sequence[float]
    seed: int
    folds: int | None
    fold: int | None
    split_file: str | None
    allow_leakage: bool

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.folds is None and self.fold is not None:
            raise InputError(
                f"data.fold is {self.fold} but data.folds is not set; "
                "set data.folds to the number of folds, or leave data.fold out"
            )
        if self.folds is not None and (self.fold is None or not 0 <= self.fold < self.folds):
            found = "not set" if self.fold is None else self.fold
            raise InputError(
                f"data.fold is {found}, expected a number from 0 to {self.folds - 1}, "
                f"as data.folds is {self.folds}"
            )
        if self.folds is not None and self.split_file is not None:
            raise InputError(
                f"data.folds={self.folds} and data.split_file={self.split_file} both say what is test; "
                "leave one of them out"
            )
