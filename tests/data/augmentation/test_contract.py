import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from lightning_skin.data.augmentation import (
    Augmentation,
    affine,
    fused,
    light,
    none,
    randaugment,
    standard,
    trivialaugment,
    with_erasing,
)

JITTERED = (0.6, 0.2, 0.2, 0.2, 0.02)
AUGMENTATIONS = [
    light(),
    standard(*JITTERED),
    fused(*JITTERED),
    affine(0.6, 10.0, 0.2, *JITTERED[1:]),
    randaugment(0.6, 2, 9),
    trivialaugment(0.6),
    with_erasing(light(), 0.5, (0.02, 0.2)),
]


def leaning(min_scale: float, *strengths: float) -> Augmentation:
    return affine(min_scale, 10.0, 0.2, *strengths)


CROPPED = [standard, fused, leaning]
SAME_COLOURS = (0.0, 0.0, 0.0, 0.0)


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def drawn(augment: Augmentation, image: Image.Image | np.ndarray, size: int, seed: int) -> np.ndarray:
    return augment(np.array(image), size, np.random.default_rng(seed))


def test_none_is_no_transform() -> None:
    assert none() is None


@pytest.mark.parametrize("augment", AUGMENTATIONS)
@pytest.mark.parametrize(("width", "height"), [(60, 45), (45, 60), (16, 16), (5, 9), (1, 1), (300, 200)])
def test_output_is_a_square_rgb_image(augment: Augmentation, width: int, height: int) -> None:
    pixels = drawn(augment, noise(width, height), 24, 0)
    assert (pixels.shape, pixels.dtype) == ((24, 24, 3), np.uint8)


@pytest.mark.parametrize("augment", AUGMENTATIONS)
def test_neither_the_image_nor_the_global_random_numbers_are_touched(augment: Augmentation) -> None:
    image, state = noise(60, 45), torch.get_rng_state()
    drawn(augment, image, 24, 3)
    np.testing.assert_array_equal(image, noise(60, 45))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("augment", AUGMENTATIONS)
def test_an_augmentation_travels_to_worker_processes(augment: Augmentation) -> None:
    image, travelled = noise(60, 45), pickle.loads(pickle.dumps(augment))
    np.testing.assert_array_equal(drawn(travelled, image, 24, 1), drawn(augment, image, 24, 1))


@pytest.mark.parametrize("augment", AUGMENTATIONS)
def test_generator_decides_every_pixel(augment: Augmentation) -> None:
    image = noise(60, 45)
    np.testing.assert_array_equal(drawn(augment, image, 24, 7), drawn(augment, image, 24, 7))
    assert len({drawn(augment, image, 24, seed).tobytes() for seed in range(20)}) >= 18


def test_light_shows_a_square_image_in_all_eight_ways_and_no_other() -> None:
    image = pixels = noise(6, 6)
    ways = {np.rot90(side, turn).tobytes() for side in (pixels, pixels[:, ::-1]) for turn in range(4)}
    assert {drawn(light(), image, 6, seed).tobytes() for seed in range(100)} == ways


def test_light_reaches_both_ends_of_a_long_image() -> None:
    ramp = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8), (8, 1))).convert("RGB")
    views = [drawn(light(), ramp, 8, seed) for seed in range(200)]
    assert min(view.min() for view in views) <= 2
    assert max(view.max() for view in views) >= 61


@pytest.mark.parametrize("build", CROPPED)
def test_a_cropping_one_keeps_the_mean_colour_roughly(build: Callable[..., Augmentation]) -> None:
    image = Image.new("RGB", (60, 45), (180, 120, 90))
    image.paste((90, 50, 40), (20, 10, 40, 35))
    expected = np.asarray(image).mean((0, 1))
    augment = build(0.8, 0.1, 0.1, 0.1, 0.01)
    means = [drawn(augment, image, 32, seed).mean((0, 1)) for seed in range(100)]
    assert np.mean(means, 0) == pytest.approx(expected, abs=20)


@pytest.mark.parametrize("build", CROPPED)
def test_a_cropping_one_without_colour_changes_leaves_one_colour_alone(
    build: Callable[..., Augmentation],
) -> None:
    image = Image.new("RGB", (60, 45), (180, 120, 90))
    views = np.stack([drawn(build(0.5, *SAME_COLOURS), image, 32, seed) for seed in range(20)])
    assert np.abs(views - np.array([180.0, 120.0, 90.0])).max() <= 1


@pytest.mark.parametrize("build", CROPPED)
def test_a_cropping_one_crops_no_less_than_its_smallest_share(build: Callable[..., Augmentation]) -> None:
    # A disc in the middle of the image; its share of the crop shows how large the crop was.
    rows, columns = np.indices((200, 200)) - 99.5
    disc = Image.fromarray((np.hypot(rows, columns) < 40).astype(np.uint8) * 255).convert("RGB")
    share = np.pi * 40**2 / 200**2
    shares = [drawn(build(0.5, *SAME_COLOURS), disc, 64, seed).mean() / 255 for seed in range(50)]
    assert max(shares) < share / 0.5 * 1.1
    assert max(shares) > share * 1.4


@pytest.mark.parametrize("build", CROPPED)
def test_a_cropping_one_mirrors_half_of_the_images(build: Callable[..., Augmentation]) -> None:
    # Red, green and blue stand clockwise; a mirrored view has them the other way round.
    image = Image.new("RGB", (90, 90))
    angles = np.arctan2(*(np.indices((90, 90)) - 44.5)) % (2 * np.pi)
    image = Image.fromarray(
        np.stack([(angles // (2 * np.pi / 3) == k) * 255 for k in range(3)], 2).astype(np.uint8)
    )

    def clockwise(view: np.ndarray) -> bool:
        centre = (view.shape[0] - 1) / 2
        rows, columns = np.indices(view.shape[:2]) - centre
        direction = [np.angle(((columns + 1j * rows) * view[..., k]).sum()) for k in range(3)]
        return bool((direction[1] - direction[0]) % (2 * np.pi) < np.pi)

    mirrored = [clockwise(drawn(build(1.0, *SAME_COLOURS), image, 45, seed)) for seed in range(200)]
    assert 70 <= sum(mirrored) <= 130
