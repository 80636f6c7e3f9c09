"""Age, sex and site of the patient as numbers for a network.

``dx_type``, how the diagnosis was made, is no feature: it gives the label away.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.not_known import NOT_KNOWN

logger = logging.getLogger(__name__)

FEATURES = ("age", "sex", "site")
"""Columns of the manifest that can be features."""


@dataclass(frozen=True)
class MetadataEncoding:
    """What the training images say about how to encode metadata.

    Each feature is a block of numbers whose last one is 1, and the others 0, where the value is missing or
    was never seen in training. Age is one number, standardised; the others have one for each value.

    Attributes:
        features: Names of the features, in the order of their blocks.
        age_mean: Of the training images, in years; 0 without age.
        age_std: Likewise; positive.
        values: Known values of each other feature.
    """

    features: tuple[str, ...]
    age_mean: float
    age_std: float
    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of_training(cls, rows: pd.DataFrame, features: Sequence[str]) -> "MetadataEncoding":
        """Find the encoding of training images.

        Raises:
            InputError: They have no value for a feature.
        """
        for name in features:
            if name not in rows or not _known(name, rows).any():
                raise InputError(
                    f"model.metadata asks for {name}, which is known of no training image; leave it out, or "
                    "name a table that has it"
                )
        ages = _ages(rows) if "age" in features else np.zeros(1)
        values = {name: tuple(sorted(set(_clean(rows[name])) - {""})) for name in features if name != "age"}
        return cls(tuple(features), float(np.nanmean(ages)), float(np.nanstd(ages)) or 1.0, values)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "MetadataEncoding":
        """Rebuild what ``to_dict`` described.

        Raises:
            InputError: ``stored`` is not such a description.
        """
        try:
            features = tuple(str(name) for name in stored["features"])
            values = {str(name): tuple(map(str, known)) for name, known in stored["values"].items()}
            mean, std = float(stored["age_mean"]), float(stored["age_std"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise InputError(f"the checkpoint's metadata {stored!r} are not one of ours") from None
        if set(features) - set(FEATURES) or set(values) != set(features) - {"age"} or not std > 0:
            raise InputError(f"the checkpoint's metadata {stored!r} are not one of ours")
        return cls(features, mean, std, values)

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python, for a checkpoint."""
        return {
            "features": list(self.features),
            "age_mean": self.age_mean,
            "age_std": self.age_std,
            "values": {name: list(known) for name, known in self.values.items()},
        }

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers in the block of each feature."""
        return tuple(2 if name == "age" else len(self.values[name]) + 1 for name in self.features)

    def encode(self, rows: pd.DataFrame) -> NDArray[np.float32]:
        """Encode images ``(N, sum(widths))``; warns of features that none of them has."""
        if absent := [name for name in self.features if name not in rows]:
            logger.warning(
                "The images have no %s, which the network was trained with and takes for missing",
                " and no ".join(absent),
            )
        blocks = [
            _missing(len(rows), width) if name not in rows else self._block(name, rows)
            for name, width in zip(self.features, self.widths, strict=True)
        ]
        return np.concatenate(blocks, axis=1)

    def _block(self, name: str, rows: pd.DataFrame) -> NDArray[np.float32]:
        if name == "age":
            standard = (_ages(rows) - self.age_mean) / self.age_std
            known = ~np.isnan(standard)
            return np.stack([np.where(known, standard, 0), ~known], axis=1).astype(np.float32)
        code = pd.Index(self.values[name]).get_indexer(pd.Index(_clean(rows[name])))
        # -1, for no known value, is the last column.
        return np.eye(len(self.values[name]) + 1, dtype=np.float32)[code]


def _missing(rows: int, width: int) -> NDArray[np.float32]:
    return np.tile(np.eye(width, dtype=np.float32)[-1], (rows, 1))


def _known(name: str, rows: pd.DataFrame) -> NDArray[np.bool_]:
    return ~np.isnan(_ages(rows)) if name == "age" else (_clean(rows[name]) != "").to_numpy()


def _clean(column: "pd.Series[str]") -> "pd.Series[str]":
    text = column.astype(str).str.strip().str.lower()
    return text.mask(text.isin(NOT_KNOWN), "")


def _ages(rows: pd.DataFrame) -> NDArray[np.float64]:
    """In years ``(N,)``; NaN where it is missing."""
    ages = pd.to_numeric(rows["age"], errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(ages), ages, np.nan)
