import numpy as np
import pytest
from matplotlib import colormaps

from lightning_skin.explain.overlay import fit_for_drawing, overlay, place_on_image

BOXES = {
    "landscape": (60, 40, (10.0, 0.0, 50.0, 40.0)),
    "portrait": (40, 60, (0.0, 10.0, 40.0, 50.0)),
    "square": (40, 40, (0.0, 0.0, 40.0, 40.0)),
    "whole landscape, squeezed": (60, 40, (0.0, 0.0, 60.0, 40.0)),
}


def peak_at(row: int, column: int) -> np.ndarray:
    heat_map = np.zeros((8, 8), dtype=np.float32)
    heat_map[row, column] = 1
    return heat_map


@pytest.mark.parametrize(("width", "height", "box"), BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("row", [0, 7])
@pytest.mark.parametrize("column", [0, 7])
def test_peak_in_a_corner_of_the_map_lands_in_that_corner_of_the_box(
    width: int, height: int, box: tuple[float, float, float, float], row: int, column: int
) -> None:
    placed = place_on_image(peak_at(row, column), box, width, height)
    left, top, right, bottom = (int(edge) for edge in box)
    y, x = {0: top, 7: bottom - 1}[row], {0: left, 7: right - 1}[column]
    assert placed.shape == (height, width)
    assert placed[y, x] == pytest.approx(1)
    assert placed[top + bottom - 1 - y, left + right - 1 - x] == 0


@pytest.mark.parametrize(("width", "height", "box"), BOXES.values(), ids=BOXES)
def test_gradient_keeps_its_place_to_a_tenth_of_a_pixel(
    width: int, height: int, box: tuple[float, float, float, float]
) -> None:
    heat_map = np.tile((np.arange(8, dtype=np.float32) + 0.5) / 8, (8, 1))
    placed = place_on_image(heat_map, box, width, height)
    columns = np.arange(width) + 0.5
    inner = (columns > box[0] + 6) & (columns < box[2] - 6)
    expected = (columns[inner] - box[0]) / (box[2] - box[0])
    np.testing.assert_allclose(placed[height // 2, inner], expected, atol=0.1 / 40)


def test_all_and_only_the_pixels_in_the_box_are_seen() -> None:
    placed = place_on_image(np.ones((4, 4), dtype=np.float32), (10, 5, 30, 25), 60, 40)
    rows, columns = np.nonzero(~np.isnan(placed))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 24, 10, 29)
    assert np.nanmin(placed) == np.nanmax(placed) == 1


@pytest.mark.parametrize("left", [0.5, 1.5])
def test_box_between_pixels_keeps_its_size(left: float) -> None:
    placed = place_on_image(np.ones((4, 4), dtype=np.float32), (left, 0, left + 9, 10), 12, 10)
    assert np.isnan(placed[0]).sum() == 3


def test_box_of_a_padded_image_reaches_beyond_it() -> None:
    placed = place_on_image(peak_at(3, 0), (0, -10, 60, 50), 60, 40)
    assert not np.isnan(placed).any()
    assert placed[10 * 40 // 40 + 6, 0] == pytest.approx(1, abs=0.1)


def test_map_is_averaged_for_images_smaller_than_the_map() -> None:
    heat_map = np.indices((64, 64)).sum(axis=0).astype(np.float32) % 2
    placed = place_on_image(heat_map, (0, 0, 8, 8), 8, 8)
    np.testing.assert_allclose(placed, 0.5, atol=0.02)


@pytest.mark.parametrize("box", [(60, 0, 80, 20), (-30, 0, -10, 20), (0, -30, 20, -10), (10, 10, 10, 30)])
def test_box_off_the_image_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected a region of the image of 60 x 40 px"):
        place_on_image(np.ones((4, 4), dtype=np.float32), box, 60, 40)


def test_skin_without_evidence_stays_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    np.testing.assert_array_equal(overlay(image, np.zeros((5, 6), dtype=np.float32)), image)


def test_skin_with_the_most_evidence_takes_the_last_colour_to_the_given_part() -> None:
    image = np.full((1, 1, 3), 100, dtype=np.uint8)
    last = np.array(colormaps["viridis"](1.0)[:3]) * 255
    coloured = overlay(image, np.ones((1, 1), dtype=np.float32), opacity=0.4)
    np.testing.assert_allclose(coloured[0, 0], 0.6 * 100 + 0.4 * last, atol=0.51)


def test_unseen_skin_is_grey_and_half_as_bright() -> None:
    image = np.array([[[200, 100, 50]]], dtype=np.uint8)
    unseen = overlay(image, np.full((1, 1), np.nan, dtype=np.float32))
    luminance = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    assert unseen[0, 0].tolist() == [round(luminance / 2)] * 3


def test_large_images_shrink_with_their_maps_and_nothing_unseen_leaks() -> None:
    image = np.zeros((4000, 6000, 3), dtype=np.uint8)
    image[:, 3000:] = 200
    placed = np.where(np.arange(6000) < 3000, np.nan, 1).astype(np.float32) * np.ones(
        (4000, 1), dtype=np.float32
    )
    shrunk, (heat,) = fit_for_drawing(image, [placed])
    assert shrunk.shape == (341, 512, 3)
    assert np.isnan(heat).sum() == 341 * 256
    assert heat[0, 256] == 1
    assert shrunk[0, 258, 0] == 200


def test_small_images_are_drawn_as_they_are() -> None:
    image = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    shrunk, heats = fit_for_drawing(image, [])
    np.testing.assert_array_equal(shrunk, image)
    assert heats == []
