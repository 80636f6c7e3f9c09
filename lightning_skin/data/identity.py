"""Which lesion and which patient an image shows, by the ids of a table."""

import logging

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

logger = logging.getLogger(__name__)

NOBODY = frozenset({"na", "n/a", "nan", "none", "null", "unknown", "missing", "?", "-", "--"})
"""What tables write where an id is not known; taken for an id, it would join strangers."""


def known_ids(ids: "pd.Series[str]", column: str) -> "pd.Series[str]":
    """Ids with an empty text for those that name nobody.

    Args:
        ids: Texts, one an image.
        column: Their name in the table, for a message.
    """
    unknown = ids.str.lower().isin(NOBODY)
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
        The alphabetically first patient of each image's group, or its lesion where no patient is known; empty
        where neither is.
    """
    lesion, lesion_names = pd.factorize(lesions.mask(lesions == ""))
    patient, patient_names = pd.factorize(patients.mask(patients == ""), sort=True)
    both = (lesion >= 0) & (patient >= 0)
    size = len(patient_names) + len(lesion_names)
    edges = coo_array((np.ones(both.sum()), (patient[both], len(patient_names) + lesion[both])), (size, size))
    _, component = connected_components(edges, directed=False)
    # Patients come first, and sorted: the first name of a component is its alphabetically first patient.
    _, first = np.unique(component, return_index=True)
    names = np.array([*patient_names, *lesion_names, ""], dtype=object)
    node = np.where(patient >= 0, patient, np.where(lesion >= 0, len(patient_names) + lesion, -1))
    group = np.full(len(node), "", dtype=object)
    group[node >= 0] = names[first[component[node[node >= 0]]]]
    return pd.Series(group, index=lesions.index, dtype=object)
