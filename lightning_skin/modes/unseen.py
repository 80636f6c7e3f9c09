"""The test images that are new to a network."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lightning_skin.evaluation.summary import Evaluation

LEFT_OUT: dict[str, list[str]] = {
    "": [],
    "_without_training_images": ["image"],
    "_without_training_groups": ["image", "group"],
}
"""What each part of the test images leaves out, in the terms of ``known_from_training``; a part goes by the
ending of its name in ``metrics.json``."""

TITLES = {
    "": "All {count:.0f} test images",
    "_without_training_images": "{count:.0f} not trained on",
    "_without_training_groups": "{count:.0f} of new lesions or patients",
}


def parts_of(known: NDArray[np.str_]) -> list[str]:
    """Name the parts of the test images: all, and without each kind that training gave away.

    Args:
        known: Of each image, from ``known_from_training`` ``(N,)``.
    """
    return [part for part, kinds in LEFT_OUT.items() if not kinds or kinds[-1] in known]


def rows_of(part: str, known: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which test images belong to a part ``(N,)``."""
    return ~np.isin(known, np.array(LEFT_OUT[part], dtype=str))


def title_of(part: str, evaluation: Evaluation) -> str:
    """Name a part for a reader, with the number of its images."""
    counts = [value for name, value in evaluation.metrics.items() if name.startswith("count_")]
    return TITLES[part].format(count=sum(counts))


def known_to_any(known: Sequence[NDArray[np.str_]]) -> NDArray[np.str_]:
    """What the training of several networks together gave away of the same images ``(N,)``."""
    of_image, of_group = (np.any([one == kind for one in known], axis=0) for kind in ("image", "group"))
    return np.where(of_image, "image", np.where(of_group, "group", ""))
