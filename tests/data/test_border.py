"""Dark borders of dermoscopes."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.border import content_box

SKIN = (210, 160, 140)
DATA = Path(os.environ.get("LIGHTNING_SKIN_DATA", "../shared/data")) / "ham10000"


def skin(width: int, height: int, radius: float | None = None) -> np.ndarray:
    """Skin with a dark lesion, in a round field of view or a full one."""
    rows, columns = np.indices((height, width)) + 0.5
    distance = np.hypot(rows - height / 2, columns - width / 2)
    image = np.full((height, width, 3), SKIN, np.uint8)
    image[np.hypot(rows - 0.45 * height, columns - 0.55 * width) < 0.15 * height] = (40, 20, 20)
    if radius is not None:
        image[distance > radius] = (8, 6, 12)
    return image


@pytest.mark.parametrize("crop", ["frame", "corners"])
@pytest.mark.parametrize(("width", "height"), [(200, 150), (600, 450), (40, 30), (9, 8), (1, 1)])
def test_an_image_without_a_border_is_whole(crop: str, width: int, height: int) -> None:
    assert content_box(skin(width, height), crop) == (0, 0, width, height)


@pytest.mark.parametrize("crop", ["frame", "corners"])
@pytest.mark.parametrize("scale", [1, 4])
def test_a_black_frame_is_cut_off(crop: str, scale: int) -> None:
    framed = np.zeros((130 * scale, 180 * scale, 3), np.uint8)
    left, top, right, bottom = (edge * scale for edge in (25, 10, 165, 110))
    framed[top:bottom, left:right] = skin(right - left, bottom - top)
    found = content_box(framed, crop)
    assert np.abs(np.array(found) - (left, top, right, bottom)).max() <= scale


def test_of_a_round_field_the_corners_stay_or_go() -> None:
    image = skin(240, 240, radius=96)
    left, top, right, bottom = content_box(image, "frame")
    # Rows and columns that show less than 3 % of the field are the circle's very ends.
    assert np.abs(np.array([left, top, right, bottom]) - (24, 24, 216, 216)).max() <= 3
    left, top, right, bottom = content_box(image, "corners")
    assert image[top:bottom, left:right].max(axis=2).min() >= 8
    assert (image[top:bottom, left:right, 0] == 8).mean() <= 0.006
    assert (right - left) == pytest.approx(2 * 96 / np.sqrt(2), rel=0.06)
    assert abs(left + right - 240) <= 4
    assert abs(top + bottom - 240) <= 4


def test_a_field_that_is_wider_than_the_image_loses_little() -> None:
    # As in most of HAM10000: the circle is as wide as the image, and cut above and below.
    image = skin(200, 150, radius=92)
    left, top, right, bottom = content_box(image, "corners")
    assert right - left == bottom - top
    assert 125 <= right - left < 150
    assert content_box(image, "frame")[1::2] == (0, 150)


def test_a_cropped_image_has_nothing_left_to_crop() -> None:
    for crop in ("frame", "corners"):
        image = skin(240, 240, radius=96)
        left, top, right, bottom = content_box(image, crop)
        cropped = image[top:bottom, left:right]
        again = content_box(np.ascontiguousarray(cropped), crop)
        assert np.abs(np.array(again) - (0, 0, right - left, bottom - top)).max() <= 2


def dark_lesion_at_the_edge(image: np.ndarray) -> None:
    image[20:130, :70] = (30, 15, 15)


def shadow_in_a_corner(image: np.ndarray) -> None:
    rows, columns = np.indices(image.shape[:2])
    image[rows + columns < 60] = (20, 20, 20)


def hairs(image: np.ndarray) -> None:
    image[:, 5::12] = (10, 10, 10)
    image[7::15] = (10, 10, 10)


def finger(image: np.ndarray) -> None:
    rows, columns = np.indices(image.shape[:2])
    image[np.abs(columns - 100) > 35 + np.abs(rows - 75) * 0.4] = (5, 5, 5)


@pytest.mark.parametrize("crop", ["frame", "corners"])
@pytest.mark.parametrize("draw", [dark_lesion_at_the_edge, shadow_in_a_corner, hairs])
def test_dark_skin_is_no_border(draw, crop: str) -> None:
    image = skin(200, 150)
    draw(image)
    assert content_box(image, crop) == (0, 0, 200, 150)


def test_a_field_that_is_not_round_keeps_its_shape() -> None:
    image = skin(200, 150)
    finger(image)
    assert content_box(image, "corners") == content_box(image, "frame")


@pytest.mark.parametrize("colour", [(0, 0, 0), (30, 30, 30)])
def test_a_dark_image_is_whole(colour: tuple[int, int, int]) -> None:
    image = np.full((60, 80, 3), colour, np.uint8)
    image[28:32, 38:42] = 200
    for crop in ("frame", "corners"):
        assert content_box(image, crop) == (0, 0, 80, 60)


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="LIGHTNING_SKIN_DATA does not hold HAM10000")
@pytest.mark.parametrize("crop", ["frame", "corners"])
def test_lesions_of_ham10000_stay_in_the_crop(crop: str) -> None:
    kept = []
    for path in sorted((DATA / "images").glob("*/*.jpg"))[::25]:
        mask = np.asarray(Image.open(DATA / "masks" / f"{path.stem}_segmentation.png")) > 127
        left, top, right, bottom = content_box(np.asarray(Image.open(path)), crop)
        side = min(right - left, bottom - top)
        x, y = (left + right - side) // 2, (top + bottom - side) // 2
        seen, whole = mask[y : y + side, x : x + side].sum(), mask[:, 25:175].sum()
        kept.append(seen / max(1, whole))
    # The centred square is smaller, but hardly ever by a part of the lesion.
    assert np.mean(kept) > 0.998
