"""Groups: images that must not be divided between splits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def join_groups(
    groups: Sequence[str], content_hashes: Sequence[str], pairs: Sequence[tuple[int, int]] = ()
) -> list[str]:
    """Give byte-identical images and the images of a pair one group, with everything in their groups.

    Args:
        groups: Of the N images.
        content_hashes: Of the same images.
        pairs: Rows of images that belong together.

    Returns:
        The group of each image: the alphabetically first of the joined ones.
    """
    group_index, names = pd.factorize(np.asarray(groups, dtype=object), sort=True)
    hash_index, hashes = pd.factorize(np.asarray(content_hashes, dtype=object))
    first, second = np.asarray(pairs, dtype=np.intp).reshape(-1, 2).T
    size = len(names) + len(hashes)
    starts = np.concatenate([group_index, group_index[first]])
    ends = np.concatenate([len(names) + hash_index, group_index[second]])
    edges = coo_array((np.ones(len(starts)), (starts, ends)), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    # Names are sorted, so that the first one of a component is the alphabetically first.
    _, first_name = np.unique(component[: len(names)], return_index=True)
    return names[first_name[component[group_index]]].tolist()
