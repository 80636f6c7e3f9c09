"""Which lesion and which patient an image shows, by the ids of a table."""

import logging

import pandas as pd

from lightning_skin.data.grouping import join_groups
from lightning_skin.not_known import NOT_KNOWN

logger = logging.getLogger(__name__)

PATIENT, LESION, NEITHER = "012"
"""First characters that tell apart what has one name, and sort patients first."""


def known_ids(ids: "pd.Series[str]", column: str) -> "pd.Series[str]":
    """Ids with an empty text for those that name nobody.

    Args:
        ids: Texts, one an image.
        column: Their name in the table, for a message.
    """
    unknown = ids.str.lower().isin(NOT_KNOWN)
    if unknown.any():
        logger.warning(
            "%d image(s) have the %s %s, which is taken for not known",
            unknown.sum(),
            column,
            " or ".join(sorted(set(ids[unknown]))),
        )
    return ids.mask(unknown, "")


def identity_groups(lesions: "pd.Series[str]", patients: "pd.Series[str]") -> "pd.Series[str]":
    """Group images that share a lesion or a patient, over any number of steps.

    Args:
        lesions: Ids, empty where not known.
        patients: Ids of the same images, likewise.

    Returns:
        The alphabetically first patient of each image's group, or its lesion where no patient is known (with
        ``lesion`` in front where a patient has the same id); empty where neither is.
    """
    nobody = pd.Series([f"{NEITHER}{row}" for row in range(len(lesions))], index=lesions.index, dtype=object)
    taken = lesions.isin(set(patients))
    lesion = nobody.where(lesions == "", LESION + lesions.mask(taken, "lesion " + lesions))
    own = lesion.where(patients == "", PATIENT + patients)
    groups = pd.Series(join_groups(own.tolist(), lesion.tolist()), index=lesions.index, dtype=object)
    return groups.str[1:].mask(groups.str.startswith(NEITHER), "")
