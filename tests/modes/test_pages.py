import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.errors import InputError
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.facts import RunFacts
from lightning_skin.evaluation.summary import evaluate
from lightning_skin.modes.pages import mistake_figures, panels_in, thumbnails_in, write_pages


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Two of six images are guessed wrongly."""
    probabilities = np.eye(2)[[0, 0, 1, 1, 1, 0]] * 0.6 + 0.2
    images = [f"{row}.jpg" for row in range(6)]
    test = Predictions(images, [0, 0, 0, 1, 1, 1], probabilities, images, ("mel", "nv"))
    return Findings(test=test, evaluation=evaluate(test, seed=0))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for row in range(6):
        Image.new("RGB", (24, 16), (40 * row, 90, 120)).save(folder / f"{row}.jpg")
    return folder


def test_everything_is_written_complete(findings: Findings, root: Path, tmp_path: Path) -> None:
    write_pages(tmp_path / "run", findings, RunFacts(name="r", data=str(root)), ["svg"])
    found = {path.relative_to(tmp_path / "run").as_posix() for path in (tmp_path / "run").rglob("*.*")}
    names = (
        "confusion_matrix",
        "per_class",
        "roc",
        "precision_recall",
        "reliability",
        "mistakes",
        "confused_pairs",
    )
    documents = {"report.html", "model_card.md", "clear_derm.md"}
    assert found == {f"figures/{name}.svg" for name in names} | documents
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 4  # two mistakes, each also an example of its pair
    assert (tmp_path / "run" / "model_card.md").read_text(encoding="utf-8").startswith("# Model card: r\n")


def test_the_mistakes_are_drawn_with_their_pixels(findings: Findings, root: Path) -> None:
    figures = mistake_figures(findings, thumbnails_in(root))
    shown = [axes.images[0].get_array() for axes in figures["mistakes"].axes if axes.images]
    reds = [float(image[..., 0].mean()) for image in shown]
    assert reds == pytest.approx([80, 200], abs=4)


def test_images_that_are_gone_are_left_out(findings: Findings, root: Path, tmp_path: Path) -> None:
    (root / "2.jpg").unlink()
    figures = mistake_figures(findings, thumbnails_in(root))
    assert len([axes for axes in figures["mistakes"].axes if axes.images]) == 1
    assert mistake_figures(findings, thumbnails_in(tmp_path / "gone")) == {}


def test_explanations_are_found_in_the_run_and_shown(findings: Findings, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run" / "explained" / "explanations"
    folder.mkdir(parents=True)
    Image.new("RGB", (900, 300), (10, 200, 30)).save(folder / "2.png")
    (folder / "explanations.csv").write_text(f"image,predicted,panel\n{root / '2.jpg'},nv,2.png\n")
    draw = panels_in(tmp_path / "run", root)
    with Image.open(io.BytesIO(draw("2.jpg"))) as panel:
        assert panel.size == (640, 213)
    with pytest.raises(InputError, match=r"^5\.jpg is not explained"):
        draw("5.jpg")
    write_pages(tmp_path / "run", findings, RunFacts(name="r", data=str(root)), [])
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert page.count("Heat map of 2.jpg for its guess, nv") == page.count("<summary>Explanation") == 1


@pytest.mark.parametrize("content", ["", "image,heat_map\n2.jpg,2.png\n"])
def test_a_table_that_is_none_of_ours_is_left_out(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "explanations").mkdir()
    (tmp_path / "explanations" / "explanations.csv").write_text(content)
    assert panels_in(tmp_path, tmp_path) is None
    assert "Explanations are left out of the report" in caplog.text


def test_without_explanations_none_are_looked_for(tmp_path: Path) -> None:
    assert panels_in(tmp_path, tmp_path) is None
