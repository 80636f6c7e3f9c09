"""Perceptual fingerprints: close for the same picture, however it was turned, flipped, lit or encoded.

Two descriptions of a thumbnail make up a fingerprint, both unchanged by turns and flips:

- the magnitudes of its low Fourier coefficients, windowed and on a log scale, relative to the 1/f spectrum of
  natural images; they barely move when the picture is shifted;
- the magnitudes of its low cosine coefficients, as in the pHash (Zauner, "Implementation and benchmarking of
  perceptual image hash functions", 2010), kept as numbers instead of bits; they tell more pictures apart.
"""

import numpy as np
import numpy.typing as npt
from scipy.fft import dctn

SPECTRUM = 9  # Fourier frequencies an axis, from 0
COSINES = 6  # cosine frequencies an axis, from 0
COSINE_WEIGHT = 2.0  # against the spectrum; found on re-encoded and cropped dermoscopic images

LENGTH = 79
BATCH = 1024  # thumbnails; their spectra would take 30 kB each

Floats = npt.NDArray[np.float32]


def fingerprints(thumbnails: npt.NDArray[np.uint8]) -> Floats:
    """Describe thumbnails.

    Args:
        thumbnails: Grey squares ``(N, S, S)``.

    Returns:
        Unit vectors ``(N, 79)``. Their distance is in [0, 2]: below about 0.5 for two versions of one
        picture (cropped by up to 8 %).
    """
    parts = [_fingerprints(thumbnails[start : start + BATCH]) for start in range(0, len(thumbnails), BATCH)]
    return np.concatenate([np.zeros((0, LENGTH), np.float32), *parts])


def _fingerprints(thumbnails: npt.NDArray[np.uint8]) -> Floats:
    grey = thumbnails.astype(np.float32)
    grey -= grey.mean((1, 2), keepdims=True)
    parts = [_unit(_spectrum(grey)), COSINE_WEIGHT * _unit(_cosines(grey))]
    return _unit(np.concatenate(parts, axis=1))


def _spectrum(grey: Floats) -> Floats:
    size = grey.shape[1]
    hann = np.hanning(size + 2)[1:-1].astype(np.float32)
    window = np.outer(hann, hann) ** 0.7
    centred = grey - (grey * window).sum((1, 2), keepdims=True) / window.sum()
    magnitude = np.abs(np.fft.fft2(centred * window)).astype(np.float32)
    order = np.arange(SPECTRUM)
    # A flip takes frequency (u, v) to (u, -v), a quarter turn to (v, -u).
    folded = magnitude[:, :SPECTRUM, :SPECTRUM] + magnitude[:, :SPECTRUM, -order % size]
    rows, columns = np.triu_indices(SPECTRUM)
    symmetric = (folded + folded.transpose(0, 2, 1))[:, rows, columns][:, 1:]
    logs = np.log(symmetric + 1e-3 * symmetric.mean(1, keepdims=True) + 1e-6)
    natural = -0.5 * np.log(rows**2 + columns**2 + 1.0)[1:].astype(np.float32)
    return logs - logs.mean(1, keepdims=True) - 2 * (natural - natural.mean())


def _cosines(grey: Floats) -> Floats:
    order = np.arange(COSINES)
    # Natural images have less of the high frequencies, which tell more.
    emphasis = (order[:, None] ** 2 + order**2) ** 0.25
    size = np.abs(dctn(grey, axes=(1, 2), norm="ortho")[:, :COSINES, :COSINES] * emphasis)
    mirrored = size.transpose(0, 2, 1)
    upper, strict = np.triu_indices(COSINES), np.triu_indices(COSINES, 1)
    total = (size + mirrored)[:, upper[0], upper[1]] / np.where(upper[0] == upper[1], 2, np.sqrt(2))
    difference = np.abs(size - mirrored)[:, strict[0], strict[1]] / np.sqrt(2)
    return np.concatenate([total, difference], axis=1)[:, 1:].astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)).astype(np.float32)
