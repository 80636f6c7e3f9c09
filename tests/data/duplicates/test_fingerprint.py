from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from lightning_skin.data.duplicates.dihedral import turned
from lightning_skin.data.duplicates.fingerprint import fingerprints
from lightning_skin.data.duplicates.pictures import REACH

Thumbnails = npt.NDArray[np.uint8]


def squeezed(images: list[Image.Image]) -> Thumbnails:
    small = [image.convert("L").resize((32, 32), Image.Resampling.BOX) for image in images]
    return np.stack([np.asarray(image) for image in small])


@pytest.fixture(scope="module")
def thumbnails(lesions: list[Image.Image]) -> Thumbnails:
    return squeezed(lesions)


def distances(first: Thumbnails, second: Thumbnails) -> npt.NDArray[np.float32]:
    return np.linalg.norm(fingerprints(first) - fingerprints(second), axis=1)


def test_a_fingerprint_is_a_unit_vector(thumbnails: Thumbnails) -> None:
    vectors = fingerprints(thumbnails)
    assert (vectors.shape, vectors.dtype) == ((32, 79), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("variant", range(8))
def test_turns_and_flips_leave_it_as_it_is(thumbnails: Thumbnails, variant: int) -> None:
    other = turned(torch.from_numpy(thumbnails))[variant].numpy()
    assert distances(thumbnails, other).max() < 2e-3


def test_brightness_and_contrast_barely_move_it(thumbnails: Thumbnails) -> None:
    lit = np.clip(thumbnails * 0.7 + 20.0, 0, 255).astype(np.uint8)
    assert distances(thumbnails, lit).max() < 0.15


@pytest.mark.parametrize(("left", "right", "least"), [(0.02, 0, 1), (0.04, 0, 0.9), (0.04, 0.04, 0.75)])
def test_cropping_leaves_it_within_reach(
    lesions: list[Image.Image], thumbnails: Thumbnails, left: float, right: float, least: float
) -> None:
    cropped = [
        image.crop(
            (
                round(image.width * left),
                round(image.height * left),
                round(image.width * (1 - right)),
                round(image.height * (1 - right)),
            )
        )
        for image in lesions
    ]
    assert (distances(thumbnails, squeezed(cropped)) < REACH).mean() >= least


def test_different_lesions_are_further_apart_than_versions_of_one(thumbnails: Thumbnails) -> None:
    others = distances(thumbnails, np.roll(thumbnails, 1, axis=0))
    assert np.median(others) > REACH


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.zeros((3, 32, 32), np.uint8),
        lambda: np.full((3, 32, 32), 255, np.uint8),
        lambda: np.repeat(np.arange(32, dtype=np.uint8) * 8, 32)[None].reshape(1, 32, 32),
        lambda: np.zeros((0, 32, 32), np.uint8),
    ],
)
def test_pictures_without_structure_give_numbers(make: Callable[[], Thumbnails]) -> None:
    thumbnails = make()
    vectors = fingerprints(thumbnails)
    assert vectors.shape == (len(thumbnails), 79)
    assert np.isfinite(vectors).all()
