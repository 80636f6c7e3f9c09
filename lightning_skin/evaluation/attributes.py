"""What is known of the patient and of the picture, as values that subgroups can be made of."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.not_known import NOT_KNOWN

AGE = "age"
COMMON = (AGE, "sex", "site", "source")
"""Attributes under the names that the manifest gives them."""

UNKNOWN = "not known"
AGE_BANDS = {"0-29": (0, 30), "30-44": (30, 45), "45-59": (45, 60), "60-74": (60, 75), "75+": (75, 130)}
"""In years, upper ends excluded. What lies outside of all is no age."""


def common_attributes(predictions: Predictions) -> tuple[str, ...]:
    """Those of age, sex, site and source that divide the images, with at least two known values."""
    return tuple(
        name
        for name in COMMON
        if name in predictions.attributes
        and len(set(attribute_values(predictions, name)) - {UNKNOWN}) > 1  # one value divides nothing
    )


def require_attribute(name: str, known: Collection[str]) -> None:
    """Make sure that images can be divided by an attribute.

    Args:
        name: Of the attribute.
        known: Names of all that is known of the images.

    Raises:
        InputError: It is none of them.
    """
    if name not in known:
        others = f", only of {', '.join(known)}" if known else ""
        raise InputError(f"nothing is known of {name}{others}; leave it out of evaluation.subgroups")


def attribute_values(predictions: Predictions, name: str) -> NDArray[np.str_]:
    """The value of an attribute of each image ``(N,)``, ``not known`` where it is not.

    Ages, of attributes called ``age`` or ``age_...``, become bands. Of spellings that differ in case only,
    the alphabetically first stands for all.

    Raises:
        InputError: The table has no such attribute.
    """
    require_attribute(name, predictions.attributes)
    texts = np.char.strip(predictions.attributes[name])
    if name == AGE or name.startswith(f"{AGE}_"):
        return _age_bands(texts)
    folded = np.char.lower(texts)
    spelling: dict[str, str] = {}
    for text, key in sorted(set(zip(texts.tolist(), folded.tolist(), strict=True))):
        spelling.setdefault(key, text)
    unknown = dict.fromkeys({"", *NOT_KNOWN}, UNKNOWN)
    return np.array([unknown.get(key) or spelling[key] for key in folded.tolist()])


def _age_bands(texts: NDArray[np.str_]) -> NDArray[np.str_]:
    ages = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(np.float64)
    bands = np.full(len(texts), UNKNOWN, dtype=object)
    for name, (low, high) in AGE_BANDS.items():
        bands[(ages >= low) & (ages < high)] = name
    return bands.astype(np.str_)
