from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from lightning_skin.explain.panel import LabelledMap, panel_figure, save_panel

NAMES = ["melanoma", "nevus", "vascular lesion"]
PROBABILITIES = np.array([0.2, 0.7, 0.1], dtype=np.float32)
LONG = "superficial spreading melanoma of the lower extremity, regressing"


def panel(
    width: int = 60,
    height: int = 40,
    true: str | None = "melanoma",
    names: tuple[str, ...] = tuple(NAMES),
    **texts: str,
) -> Figure:
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    heat = np.tile(np.linspace(0, 1, width, dtype=np.float32), (height, 1))
    labels = [names[1], *([names[0]] if true == names[0] else [])]
    maps = [LabelledMap(label, heat) for label in labels]
    title = texts.get("title", "a.jpg")
    return panel_figure(
        image, maps, names, PROBABILITIES[: len(names)], true, names[1], title, "gradcam at layer4"
    )


def written(figure: Figure) -> list[str]:
    titles = [axes.get_title() for axes in figure.axes]
    return [text.get_text() for text in figure.texts] + titles


@pytest.mark.parametrize(
    ("true", "verdict"),
    [
        ("melanoma", "✗ wrong: predicted nevus, true melanoma"),
        ("nevus", "✓ right: nevus"),
        (None, "predicted nevus"),
    ],
)
def test_heading_names_the_file_and_says_right_or_wrong(true: str | None, verdict: str) -> None:
    assert written(panel(true=true))[:3] == ["a.jpg", verdict, "gradcam at layer4"]


@pytest.mark.parametrize(
    ("true", "titles"),
    [
        ("melanoma", ["image", "predicted: nevus", "true: melanoma"]),
        ("nevus", ["image", "predicted, true: nevus"]),
        (None, ["image", "predicted: nevus"]),
    ],
)
def test_every_map_stands_beside_the_image_under_its_class(true: str | None, titles: list[str]) -> None:
    assert [axes.get_title() for axes in panel(true=true).axes][:-2] == titles


def test_scale_of_the_colours_is_stated() -> None:
    assert "evidence, per-image scale 0–1" in written(panel())


def test_map_without_evidence_is_announced() -> None:
    blank = LabelledMap("nevus", np.zeros((4, 4), dtype=np.float32))
    image = np.zeros((4, 4, 3), dtype=np.uint8)
    figure = panel_figure(image, [blank], NAMES, PROBABILITIES, None, "nevus", "a.jpg")
    assert figure.axes[1].get_title() == "predicted, no evidence: nevus"


@pytest.mark.parametrize(("seen", "notes"), [(1.0, 0), (np.nan, 1)])
def test_unseen_part_is_explained_where_there_is_one(seen: float, notes: int) -> None:
    heat = np.ones((4, 4), dtype=np.float32)
    heat[0] = seen
    figure = panel_figure(
        np.zeros((4, 4, 3), dtype=np.uint8),
        [LabelledMap("nevus", heat)],
        NAMES,
        PROBABILITIES,
        None,
        "nevus",
        "a",
    )
    assert written(figure).count("grey and dark: not seen by the network") == notes


@pytest.mark.parametrize(
    ("width", "height"), [(60, 40), (40, 60), (40, 40), (28, 28), (1, 1), (400, 20), (20, 400), (3000, 2000)]
)
def test_image_keeps_its_proportions_and_its_resolution_is_bounded(width: int, height: int) -> None:
    figure = panel(width, height)
    box = figure.axes[0].get_window_extent()
    drawn = figure.axes[0].images[0].get_array()
    assert box.width / box.height == pytest.approx(width / height)
    assert max(drawn.shape[:2]) == min(512, max(width, height))


@pytest.mark.parametrize(("width", "height"), [(60, 40), (40, 60), (20, 400)])
@pytest.mark.parametrize("name", ["nevus", LONG, LONG.replace(" ", "_")])
def test_nothing_overlaps_or_leaves_the_figure(width: int, height: int, name: str) -> None:
    figure = panel(width, height, true=f"{name} 2", names=(f"{name} 2", name), title=f"{name} " * 8)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    boxes += [text.get_window_extent(renderer) for text in figure.texts]
    in_bars = [text.get_window_extent(renderer) for text in figure.axes[-1].texts]
    in_bars += [bar.get_window_extent(renderer) for bar in figure.axes[-1].patches]
    assert not any(a.overlaps(b) for group in (boxes, in_bars) for a, b in combinations(group, 2))
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)
    assert all(box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height for box in boxes)


def test_dollar_signs_in_names_are_no_formulas(tmp_path: Path) -> None:
    save_panel(panel(names=("$a", "$\\b$"), true="$a", title="$x_{.jpg$"), tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_panel_is_written_whole_in_place_of_an_older_one(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"older")
    figure = panel()
    save_panel(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == tuple(int(inches * 110) for inches in figure.get_size_inches())
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_older_panel_survives_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"older")
    figure = panel()
    figure.text(0, 0, "$\\nonsense$")
    with pytest.raises(ValueError, match="nonsense"):
        save_panel(figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"older"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_nothing_is_left_behind_where_the_panel_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError):
        save_panel(panel(), tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
