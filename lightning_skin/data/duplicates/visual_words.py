"""Images that share local features, found by their visual words (Sivic and Zisserman, ICCV 2003)."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse

from lightning_skin.data.record_file import Records

TABLES = 4
"""Independent vocabularies; features that agree share a word in one of them at least."""
AXES = 32  # principal axes that words are made from
PER_WORD = 16  # features that share a word by chance
MOST_COMMON = 300  # images; a word of more says nothing
SAMPLE = 50_000
ROWS = 512


def pairs_sharing_words(features: Records, neighbours: int) -> npt.NDArray[np.int64]:
    """Find pairs of images with many words in common, rare ones counting more (tf-idf).

    A word is the sign of a descriptor along random axes within its principal ones. There are as many words as
    keep each rare, so that the time grows linearly with the number of images.

    Args:
        features: Of N images, from ``local_features``.
        neighbours: Partners that each image proposes, at most.

    Returns:
        Pairs of rows ``(P, 2)``, the smaller first, sorted, each once.
    """
    image, place = np.nonzero(np.arange(features["descriptors"].shape[1]) < features["count"][:, None])
    if len(image) == 0:
        return np.zeros((0, 2), np.int64)
    rng = np.random.default_rng(0)
    bits = max(8, round(np.log2(len(image) / PER_WORD)))
    centre, axes = _principal_axes(features, image, place)
    turns = [np.linalg.qr(rng.normal(size=(AXES, AXES)))[0][:, :bits] for _ in range(TABLES)]
    words = _words(features, image, place, centre, [axes @ turn[: axes.shape[1]] for turn in turns])
    weights = sparse.hstack([_weights(image, word, len(features)) for word in words]).tocsr()
    norms = np.sqrt(weights.multiply(weights).sum(axis=1))
    weights = sparse.csr_array(weights / np.maximum(norms, 1e-6)[:, None])
    pairs = np.array(list(_nearest(weights, neighbours)), np.int64).reshape(-1, 2)
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _principal_axes(
    features: Records, image: npt.NDArray[np.int64], place: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    chosen = slice(None, None, max(1, len(image) // SAMPLE))
    sample = features["descriptors"][image[chosen], place[chosen]].astype(np.float32)
    centre = sample.mean(0)
    _, _, axes = np.linalg.svd(sample - centre, full_matrices=False)
    return centre, axes[:AXES].T


def _words(
    features: Records,
    image: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    centre: npt.NDArray[np.float32],
    axes: list[npt.NDArray[np.float32]],
) -> list[npt.NDArray[np.int64]]:
    found: list[list[npt.NDArray[np.int64]]] = [[] for _ in axes]
    for start in range(0, len(image), SAMPLE):
        rows = slice(start, start + SAMPLE)
        values = features["descriptors"][image[rows], place[rows]].astype(np.float32) - centre
        for table, directions in enumerate(axes):
            signs = values @ directions.astype(np.float32) > 0
            found[table].append(signs @ (1 << np.arange(signs.shape[1])))
    return [np.concatenate(parts) for parts in found]


def _weights(image: npt.NDArray[np.int64], word: npt.NDArray[np.int64], images: int) -> sparse.csr_array:
    _, column = np.unique(word, return_inverse=True)
    once = np.unique(np.stack([image, column]), axis=1)
    commonness = np.bincount(once[1])
    weight = np.where(commonness > MOST_COMMON, 0, np.log((images + 1) / commonness))[once[1]]
    return sparse.csr_array((weight.astype(np.float32), (once[0], once[1])), shape=(images, len(commonness)))


def _nearest(weights: sparse.csr_array, neighbours: int) -> Iterator[tuple[int, int]]:
    columns = weights.T.tocsr()
    for start in range(0, weights.shape[0], ROWS):
        scores = (weights[start : start + ROWS] @ columns).tocsr()
        for offset, (low, high) in enumerate(zip(scores.indptr, scores.indptr[1:], strict=False)):
            row = start + offset
            others, values = scores.indices[low:high], scores.data[low:high]
            order = np.lexsort((others, -values))[: neighbours + 1]
            yield from ((row, int(other)) for other in others[order] if other != row)
