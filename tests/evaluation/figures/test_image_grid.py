"""Images in rows and columns."""

import numpy as np
from PIL import Image

from lightning_skin.evaluation.figures.image_grid import DPI, GAP, NAMES, TITLES, image_grid_figure
from lightning_skin.evaluation.figures.save import save_figure


def test_every_pixel_is_drawn_in_its_place(tmp_path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 20, 20, 3), dtype=np.uint8)
    rows = [("first", list(images[0])), ("second,\nlonger name", list(images[1]))]
    figure = image_grid_figure(rows, ["a", "b", "c"])
    save_figure(figure, tmp_path / "grid.png", DPI)
    drawn = np.asarray(Image.open(tmp_path / "grid.png").convert("RGB"))
    left, top = round(NAMES * DPI), round(TITLES * DPI)
    assert drawn.shape[:2] == (top + 2 * (20 + GAP), left + 3 * (20 + GAP))
    for row in range(2):
        for column in range(3):
            y, x = top + row * (20 + GAP), left + column * (20 + GAP)
            assert np.array_equal(drawn[y : y + 20, x : x + 20], images[row, column])


def test_rows_and_columns_are_named() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    (axes,) = image_grid_figure([("mel", [image, image])], ["one", "two"]).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["mel"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "two"]
