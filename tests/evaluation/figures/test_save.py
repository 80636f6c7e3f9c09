import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lightning_skin.evaluation.figures.save import save_figure, save_figures
from lightning_skin.evaluation.figures.style import new_figure


def test_png_has_the_size_of_the_figure_at_the_resolution(tmp_path: Path) -> None:
    save_figure(new_figure(2.0, 1.0), tmp_path / "figures" / "history.png", dpi=100)
    with Image.open(tmp_path / "figures" / "history.png") as image:
        assert (image.format, image.size) == ("PNG", (200, 100))
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["history.png"]


def test_figures_are_drawn_without_pyplot() -> None:
    modules = ("confusion", "history", "per_class", "reliability", "save", "wrong_images")
    imports = "; ".join(f"import lightning_skin.evaluation.figures.{name}" for name in modules)
    code = f"import sys; {imports}; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_the_same_figure_twice_is_the_same_file(tmp_path: Path, kind: str, start: bytes) -> None:
    contents = []
    for name in ("first", "second"):
        figure = new_figure(2.0, 1.0)
        figure.subplots().plot([0, 1])
        save_figures({"line": figure}, tmp_path / name, [kind])
        contents.append((tmp_path / name / f"line.{kind}").read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].startswith(start)
