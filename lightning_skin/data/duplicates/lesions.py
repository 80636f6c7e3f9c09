"""Other pictures of one lesion: zoomed, shifted, turned by any angle, lit otherwise."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lightning_skin.data.duplicates.local_features import SIDE, descriptors, local_features, points
from lightning_skin.data.duplicates.match import Match
from lightning_skin.data.duplicates.threads import in_threads
from lightning_skin.data.duplicates.visual_words import pairs_sharing_words
from lightning_skin.data.inspection import Facts
from lightning_skin.data.record_file import Records

NEIGHBOURS = 12
RATIO = 0.85
"""Largest distance of a feature to its partner, relative to the second best (Lowe 2004)."""
TOLERANCE = 4.0  # pixels of the image of SIDE
MIN_AGREEING = 10
"""Features that one stretch, turn and shift must explain. Different moles have 4 or 5 by chance."""
MIN_SPREAD = 0.03
"""Least standard deviation of their places, across the direction of the largest, relative to the side.

Rulers and hairs agree too, but along a line.
"""
MIN_ZOOM, MAX_ZOOM = 0.25, 4.0
BATCH = 256


def same_lesions(root: Path, paths: Sequence[str], facts: Facts, cache_dir: Path | None) -> list[Match]:
    """Find images that show the same piece of skin.

    Args:
        root: Folder that the paths are relative to.
        paths: Of N readable images, no two with the same bytes.
        facts: Of the same images.
        cache_dir: Where to remember features; ``None`` does not.
    """
    features = local_features(root, paths, facts, cache_dir)
    pairs = pairs_sharing_words(features, NEIGHBOURS)
    batches = [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]

    def compare(part: npt.NDArray[np.int64]) -> list[Match]:
        found = [_compare(int(first), int(second), features) for first, second in part]
        return [match for match in found if match is not None]

    found = in_threads(compare, batches, "Comparing local features")
    return [match for part in found for match in part]


def _compare(first: int, second: int, features: Records) -> Match | None:
    one, other = features[first], features[second]
    chosen, partners = _partners(descriptors(one), descriptors(other))
    if len(chosen) < MIN_AGREEING:
        return None
    source, target = points(one)[chosen], points(other)[partners]
    transform, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=TOLERANCE)
    if transform is None:
        return None
    agreeing = inliers.ravel().astype(bool)
    zoom = float(np.hypot(*transform[:, 0]))
    spread = min(_spread(source[agreeing]), _spread(target[agreeing]))
    if agreeing.sum() < MIN_AGREEING or spread < MIN_SPREAD or not MIN_ZOOM < zoom < MAX_ZOOM:
        return None
    turn = float(np.degrees(np.arctan2(transform[1, 0], transform[0, 0])))
    share = agreeing.sum() / min(one["count"], other["count"])
    return Match(first, second, "lesion", float(share), _change(zoom, turn))


def _partners(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Features that are each other's nearest, and much nearer than the second nearest."""
    if len(first) < 2 or len(second) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    cosines = first @ second.T
    best = cosines.argmax(1)
    rows = np.arange(len(first))
    mutual = cosines.argmax(0)[best] == rows
    top = np.partition(cosines, -2, axis=1)[:, -2:]
    near, next_near = (np.sqrt(np.maximum(2 - 2 * top[:, column], 0)) for column in (1, 0))
    chosen = np.flatnonzero(mutual & (near < RATIO * next_near))
    return chosen, best[chosen]


def _spread(places: npt.NDArray[np.float32]) -> float:
    return float(np.sqrt(max(np.linalg.eigvalsh(np.cov(places.T))[0], 0))) / SIDE


def _change(zoom: float, turn: float) -> str:
    zoom, turn = max(zoom, 1 / zoom), abs(turn)
    zoomed = f"zoomed {zoom:.1f} times" if zoom > 1.1 else ""
    turned = f"turned by {turn:.0f} degrees" if turn > 5 else ""
    return ", ".join(part for part in (zoomed, turned) if part)
