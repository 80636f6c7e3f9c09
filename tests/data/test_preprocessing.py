import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lightning_skin.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from lightning_skin.errors import InputError


def noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (600, 450, (75, 0, 525, 450)),
        (450, 600, (0, 75, 450, 525)),
        (7, 7, (0, 0, 7, 7)),
        (5, 4, (0.5, 0, 4.5, 4)),
    ],
)
def test_largest_centred_square_is_seen(width: int, height: int, box: tuple[float, ...]) -> None:
    assert Preprocessing(8).seen_box(width, height) == box


@pytest.mark.parametrize(("width", "height"), [(48, 32), (32, 48)])
def test_margins_outside_the_square_do_not_count(width: int, height: int) -> None:
    image = noise(width, height)
    square = image.crop((width // 2 - 16, height // 2 - 16, width // 2 + 16, height // 2 + 16))
    preprocessing = Preprocessing(32)
    assert torch.equal(preprocessing(image), preprocessing(square))
    assert np.array_equal(np.asarray(preprocessing.resize(image)), np.asarray(square))


def test_shrinking_averages_pixels() -> None:
    checks = Image.fromarray(np.indices((64, 64)).sum(0).astype(np.uint8) % 2 * 255).convert("RGB")
    small = np.asarray(Preprocessing(8).resize(checks), dtype=float)
    assert np.abs(small - 127.5).max() < 8


def test_colours_are_normalised_channel_by_channel() -> None:
    tensor = Preprocessing(4)(Image.new("RGB", (6, 5), (255, 0, 51)))
    assert tensor.shape == (3, 4, 4)
    assert tensor.dtype == torch.float32
    expected = [(v - m) / s for v, m, s in zip((1, 0, 0.2), IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    assert tensor.amin((1, 2)).tolist() == pytest.approx(expected, rel=1e-5)
    assert tensor.amax((1, 2)).tolist() == pytest.approx(expected, rel=1e-5)


def test_denormalise_inverts_normalise() -> None:
    image = noise(16, 16)
    preprocessing = Preprocessing(16, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3))
    pixels = preprocessing.denormalise(preprocessing.normalise(image)[None])
    assert pixels.shape == (1, 3, 16, 16)
    expected = torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255
    torch.testing.assert_close(pixels[0], expected)


def test_denormalised_colours_stay_between_0_and_1() -> None:
    pixels = Preprocessing(2).denormalise(torch.full((1, 3, 2, 2), 9.0))
    assert pixels.unique().tolist() == [1]


def test_description_survives_json() -> None:
    preprocessing = Preprocessing(96, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3))
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
    ],
)
def test_other_descriptions_are_refused(change: dict[str, Any]) -> None:
    stored = Preprocessing(96).to_dict() | change
    with pytest.raises(InputError, match=re.escape(f"preprocessing {stored!r} is not one of ours")):
        Preprocessing.from_dict(stored)


def test_description_without_size_is_refused() -> None:
    with pytest.raises(InputError, match="is not one of ours"):
        Preprocessing.from_dict({})
