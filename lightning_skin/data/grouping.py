"""Groups: images that must not be divided between splits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def join_copies(groups: Sequence[str], content_hashes: Sequence[str]) -> list[str]:
    """Give byte-identical images one group, together with everything in their groups.

    Returns:
        The group of each image: the alphabetically first of the joined ones.
    """
    group_index, names = pd.factorize(np.asarray(groups, dtype=object), sort=True)
    hash_index, hashes = pd.factorize(np.asarray(content_hashes, dtype=object))
    size = len(names) + len(hashes)
    edges = coo_array((np.ones(len(groups)), (group_index, len(names) + hash_index)), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    # Names are sorted, so that the first one of a component is the alphabetically first.
    _, first = np.unique(component[: len(names)], return_index=True)
    return names[first[component[group_index]]].tolist()
