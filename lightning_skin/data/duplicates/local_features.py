"""SIFT features (Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 60, 2004)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lightning_skin.data.inspection import Facts, digest
from lightning_skin.data.reading import read_grey
from lightning_skin.data.record_file import Records, complete_records
from lightning_skin.data.threads import map_in_threads

SIDE = 300
"""Of the image that features are looked for in, the longer one, in pixels."""
MOST = 128
"""Features an image."""
CONTRAST = 0.015  # below SIFT's default of 0.04: skin has little contrast
VERSION = 1
RECORD = np.dtype(
    [
        ("key", "V16"),  # of the content
        ("count", "<u2"),
        ("places", "<u2", (MOST, 2)),  # in 1/128 pixel
        ("descriptors", "u1", (MOST, 128)),
    ]
)
SUBPIXELS = 128


def local_features(root: Path, paths: Sequence[str], facts: Facts, cache_dir: Path | None) -> Records:
    """Find the features of N images, in parallel; those of an earlier call are remembered.

    Args:
        root: Folder that the paths are relative to.
        paths: Of readable images.
        facts: Of the same images.
        cache_dir: Where to remember, 17 kB an image; ``None`` does not.

    Returns:
        Records with ``count``, ``places`` (x and y, times ``SUBPIXELS``) and ``descriptors``
        (square roots of L1-normalised SIFT, times 255: Arandjelovic and Zisserman, CVPR 2012).
    """
    sizes = [_working_size(*size) for size in facts.table[["width", "height"]].to_numpy().tolist()]

    def find(missing: Sequence[int]) -> Iterator[Records]:
        return map_in_threads(
            lambda row: _extract(root / paths[row], *sizes[row]), missing, "Finding local features"
        )

    file = (
        None
        if cache_dir is None
        else cache_dir / f"features_{digest(str(root.resolve())).hex()}_v{VERSION}.bin"
    )
    return complete_records(file, RECORD, [digest(content) for content in facts.table["content_hash"]], find)


def points(record: Records) -> npt.NDArray[np.float32]:
    """Places of the features of one image ``(F, 2)``, in pixels of the image of ``SIDE``."""
    return np.divide(record["places"][: record["count"]], SUBPIXELS, dtype=np.float32)


def descriptors(record: Records) -> npt.NDArray[np.float32]:
    """Unit vectors of the features of one image ``(F, 128)``."""
    return np.divide(record["descriptors"][: record["count"]], 255, dtype=np.float32)


def _working_size(width: int, height: int) -> tuple[int, int]:
    scale = SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _extract(path: Path, width: int, height: int) -> Records:
    record = np.zeros((), RECORD)
    grey = np.clip(read_grey(path, width, height), 0, 255).astype(np.uint8)
    detector = cv2.SIFT.create(nfeatures=MOST, contrastThreshold=CONTRAST)
    found, values = detector.detectAndCompute(grey, None)
    count = min(len(found), MOST)
    if count:
        rooted = np.sqrt(values[:count] / np.maximum(values[:count].sum(1, keepdims=True), 1))
        record["count"] = count
        record["places"][:count] = np.rint([np.multiply(point.pt, SUBPIXELS) for point in found[:count]])
        record["descriptors"][:count] = np.rint(rooted * 255)
    return record
