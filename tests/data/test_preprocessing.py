import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lightning_skin.data.colour_constancy import shades_of_grey
from lightning_skin.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from lightning_skin.data.reading import read_image
from lightning_skin.data.resize import resize
from lightning_skin.errors import InputError


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def lesion(width: int, height: int) -> Image.Image:
    """A dark blot on light skin, with details that a camera would see."""
    rows, columns = np.indices((height, width)) / height
    blot = 1 / (1 + np.exp(40 * (np.hypot(rows - 0.5, columns - width / height / 2) - 0.3)))
    details = np.kron(np.random.default_rng(0).normal(0, 12, (height // 32, width // 32)), np.ones((32, 32)))
    grey = 200 - 120 * blot + details
    return Image.fromarray((grey[..., None] * (1, 0.75, 0.65)).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (600, 450, (75, 0, 525, 450)),
        (450, 600, (0, 75, 450, 525)),
        (7, 7, (0, 0, 7, 7)),
        (5, 4, (0, 0, 4, 4)),
    ],
)
def test_largest_centred_square_is_seen(width: int, height: int, box: tuple[int, ...]) -> None:
    assert Preprocessing(8).seen_box(width, height) == box


@pytest.mark.parametrize(("width", "height"), [(48, 32), (32, 48), (49, 32)])
def test_margins_outside_the_square_do_not_count(width: int, height: int) -> None:
    pixels = noise(width, height)
    left, top, right, bottom = Preprocessing(16).seen_box(width, height)
    square = pixels[top:bottom, left:right]
    assert np.array_equal(Preprocessing(16).resize(pixels), Preprocessing(16).resize(square))
    assert np.array_equal(Preprocessing(32).resize(pixels), square)


def test_shrinking_averages_pixels() -> None:
    checks = np.repeat(np.indices((64, 64)).sum(0)[..., None] % 2 * 255, 3, axis=2).astype(np.uint8)
    assert np.abs(Preprocessing(8).resize(checks).astype(float) - 127.5).max() < 8


def test_a_square_is_the_centre_of_the_file(tmp_path: Path) -> None:
    pixels = noise(48, 32)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    assert np.array_equal(Preprocessing(16).square(tmp_path / "image.png"), Preprocessing(16).resize(pixels))


@pytest.mark.parametrize("size", [32, 64, 128])
def test_decoding_at_a_reduced_scale_moves_no_pixel_by_much(tmp_path: Path, size: int) -> None:
    path = tmp_path / "image.jpg"
    lesion(3072, 2048).save(path, quality=90)
    preprocessing = Preprocessing(size)
    full = preprocessing.resize(np.array(read_image(path)))
    assert preprocessing.frame(path).shape[0] == 256
    assert np.abs(preprocessing.square(path).astype(float) - full).mean() <= 0.34


def test_a_jpeg_below_four_times_the_size_is_decoded_in_full(tmp_path: Path) -> None:
    path = tmp_path / "image.jpg"
    lesion(576, 448).save(path)
    assert Preprocessing(112).frame(path).shape == (224, 288, 3)
    assert np.array_equal(Preprocessing(113).frame(path), np.array(read_image(path)))


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(600, 450, (256, 341, 3)), (450, 600, (341, 256, 3)), (200, 150, (150, 200, 3))],
)
def test_a_working_frame_is_whole_and_never_enlarged(
    tmp_path: Path, width: int, height: int, shape: tuple[int, ...]
) -> None:
    Image.fromarray(noise(width, height)).save(tmp_path / "image.png")
    assert Preprocessing(224).working_frame(tmp_path / "image.png").shape == shape


def test_colours_are_normalised_channel_by_channel() -> None:
    images = torch.tensor([255, 0, 51], dtype=torch.uint8).view(1, 3, 1, 1).expand(2, 3, 4, 5)
    normalised = Preprocessing(4).normalise(images)
    assert (normalised.dtype, tuple(normalised.shape)) == (torch.float32, (2, 3, 4, 5))
    expected = [(v - m) / s for v, m, s in zip((1, 0, 0.2), IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    assert normalised.amin((0, 2, 3)).tolist() == pytest.approx(expected, rel=1e-5)
    assert normalised.amax((0, 2, 3)).tolist() == pytest.approx(expected, rel=1e-5)


def test_normalising_keeps_every_pixel_in_its_place() -> None:
    images = torch.from_numpy(np.stack([noise(6, 6), noise(6, 6)[::-1]])).permute(0, 3, 1, 2)
    preprocessing = Preprocessing(6, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3))
    mean, std = torch.tensor(preprocessing.mean), torch.tensor(preprocessing.std)
    expected = (images / 255 - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    torch.testing.assert_close(preprocessing.normalise(images), expected)
    assert preprocessing.normalise(images).is_contiguous(memory_format=torch.channels_last)


def dermoscope(width: int = 200, height: int = 150) -> np.ndarray:
    """Tinted noise in the black frame of a dermoscope, 20 pixels wide above and on the left."""
    pixels = np.zeros((height, width, 3), np.uint8)
    inside = noise(width - 20, height - 20) // 2 + 70
    pixels[20:, 20:] = (inside * np.array([1, 0.8, 0.7])).astype(np.uint8)
    return pixels


@pytest.mark.parametrize("constancy", ["none", "shades_of_grey"])
def test_a_frame_has_no_border_and_the_light_divided_out(tmp_path: Path, constancy: str) -> None:
    pixels = dermoscope()
    Image.fromarray(pixels).save(tmp_path / "image.png")
    inside = np.ascontiguousarray(pixels[20:, 20:])
    expected = inside if constancy == "none" else shades_of_grey(inside)
    preprocessing = Preprocessing(32, colour_constancy=constancy, border_crop="frame")
    assert np.array_equal(preprocessing.frame(tmp_path / "image.png"), expected)
    assert np.array_equal(preprocessing.square(tmp_path / "image.png"), Preprocessing(32).resize(expected))
    working = resize(expected, 37, round(180 * 37 / 130))
    assert np.array_equal(preprocessing.working_frame(tmp_path / "image.png"), working)


@pytest.mark.parametrize(("suffix", "scale"), [("png", 1), ("jpg", 1), ("jpg", 8)])
def test_the_place_of_what_is_seen_is_that_in_the_file(tmp_path: Path, suffix: str, scale: int) -> None:
    width, height = 200 * scale, 150 * scale
    path = tmp_path / f"image.{suffix}"
    Image.fromarray(dermoscope()).resize((width, height), Image.Resampling.NEAREST).save(path)
    # The square of 130 in the middle of the right 180 pixels; a large JPEG is decoded at a reduced scale.
    expected = np.array([45, 20, 175, 150]) * scale
    found = Preprocessing(32, border_crop="frame").place(path, width, height)
    assert np.abs(np.array(found) - expected).max() <= scale
    assert Preprocessing(32).place(path, width, height) == Preprocessing(32).seen_box(width, height)


def test_the_name_of_a_cache_tells_all_preprocessings_apart() -> None:
    kinds = [
        Preprocessing(size, colour_constancy=constancy, border_crop=crop).pixels
        for size in (32, 64)
        for constancy in ("none", "shades_of_grey")
        for crop in ("none", "frame", "corners")
    ]
    assert len(set(kinds)) == 12
    assert kinds[0] == "32"  # as before there were others, so that old caches serve


def test_an_old_description_means_neither_colours_nor_border() -> None:
    stored = {"image_size": 96, "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}
    assert Preprocessing.from_dict(stored) == Preprocessing(96, (0.5,) * 3, (0.2,) * 3, "none", "none")


def test_description_survives_json() -> None:
    preprocessing = Preprocessing(96, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3), "shades_of_grey", "corners")
    assert Preprocessing.from_dict(json.loads(json.dumps(preprocessing.to_dict()))) == preprocessing


@pytest.mark.parametrize(
    "change",
    [
        {"image_size": 0},
        {"image_size": "large"},
        {"image_size": None},
        {"mean": [0.5, 0.5]},
        {"std": [0.1, 0.1, 0.0]},
        {"std": 0.1},
        {"colour_constancy": "grey_world"},
        {"border_crop": None},
    ],
)
def test_other_descriptions_are_refused(change: dict[str, Any]) -> None:
    stored = Preprocessing(96).to_dict() | change
    with pytest.raises(InputError, match=re.escape(f"preprocessing {stored!r} is not one of ours")):
        Preprocessing.from_dict(stored)


def test_description_without_size_is_refused() -> None:
    with pytest.raises(InputError, match="is not one of ours"):
        Preprocessing.from_dict({})
