"""Heat maps of images, folders and test splits."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.errors import InputError
from lightning_skin.explain.overlay import place_on_image
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, read_checkpoint
from lightning_skin.modes.explain import ExplainSettings, explain
from lightning_skin.modes.run_folder import Run

NewData = Callable[..., SkinLesionDataModule]
Explain = Callable[..., pd.DataFrame]
CLASSES = ("bkl", "mel", "nv")


@pytest.fixture
def run_explain(new_run: Run, new_data: NewData, trained: Path) -> Explain:
    """Explain images, or the test split of the run, and read the table."""

    def run(images: Path | None, max_images: int | None = None, layer: str | None = None) -> pd.DataFrame:
        settings = ExplainSettings("gradcam", layer, max_images, batch_size=2)
        explain(new_run, new_data(None), settings, None if images is None else str(images), str(trained))
        table = new_run.folder / "explanations" / "explanations.csv"
        return pd.read_csv(table, keep_default_na=False)

    return run


@pytest.fixture
def one_image_in_all_classes(images: Path, tmp_path: Path) -> Path:
    """Whatever is predicted for the image, it is right in one class folder and wrong in two."""
    for name in CLASSES:
        (tmp_path / "all" / name).mkdir(parents=True)
        shutil.copy(images / "nv" / "nv_0.png", tmp_path / "all" / name / "same.png")
    return tmp_path / "all"


def test_probabilities_are_those_of_the_checkpoint(
    run_explain: Explain, one_image_in_all_classes: Path, trained: Path
) -> None:
    table = run_explain(one_image_in_all_classes)
    checkpoint = read_checkpoint(trained / "checkpoints" / "best.ckpt")
    preprocessing = Preprocessing.from_dict(checkpoint.facts.preprocessing)
    square = torch.from_numpy(preprocessing.square(one_image_in_all_classes / "nv" / "same.png"))
    with torch.no_grad():
        logits = checkpoint.network(preprocessing.normalise(square.permute(2, 0, 1)[None]))
    (expected,) = logits.softmax(dim=1).tolist()
    # As the network says them, though there is a calibration.
    assert checkpoint.facts.calibration is not None
    for row in table[[f"probability_{name}" for name in CLASSES]].to_numpy().tolist():
        assert row == pytest.approx(expected, abs=1e-4)
    assert set(table["predicted"]) == {CLASSES[int(logits.argmax())]}


def test_a_mispredicted_image_has_the_map_of_its_true_class_too(
    run_explain: Explain, one_image_in_all_classes: Path, new_run: Run
) -> None:
    table = run_explain(one_image_in_all_classes)
    assert table["true"].tolist() == list(CLASSES)
    assert (table["correct"] == (table["true"] == table["predicted"])).all()
    folder = new_run.folder / "explanations"
    widths = {
        right: {Image.open(folder / panel).width for panel in panels}
        for right, panels in table.groupby("correct")["panel"]
    }
    # 40 x 30 pixels are drawn 4 inches wide, with a gap of a quarter, at 110 dots an inch.
    (wrong,), (right,) = widths[False], widths[True]
    assert wrong - right == pytest.approx(4.25 * 110, abs=1)


def test_the_table_says_how_each_panel_came_about(
    run_explain: Explain, one_image_in_all_classes: Path, new_run: Run
) -> None:
    table = run_explain(one_image_in_all_classes, layer="backbone.layer3")
    probabilities = [f"probability_{name}" for name in CLASSES]
    known = ["image", "true", "predicted", "correct", *probabilities, "method", "target_layer", "panel"]
    assert list(table) == known
    assert set(table["method"]) == {"gradcam"}
    assert set(table["target_layer"]) == {"backbone.layer3"}
    written = {path.name for path in (new_run.folder / "explanations").iterdir()}
    assert written == {*table["panel"], "explanations.csv"}


def test_a_broken_image_is_listed_and_the_others_are_explained(
    run_explain: Explain, one_image_in_all_classes: Path, new_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    broken = one_image_in_all_classes / "mel" / "same.png"
    broken.write_bytes(broken.read_bytes()[:200])
    table = run_explain(one_image_in_all_classes)
    assert table["true"].tolist() == ["bkl", "nv"]
    record = json.loads((new_run.folder / "run.json").read_text())
    assert (record["status"], record["images"]) == ("finished", 2)
    (reason,) = record["skipped"]
    assert reason.startswith(f"{broken} cannot be read: ")
    assert f"Skipped: {reason}" in caplog.text


def test_an_image_outside_class_folders_has_no_true_class(
    run_explain: Explain, tmp_path: Path, write_image: Callable[..., Path]
) -> None:
    (row,) = run_explain(write_image(tmp_path / "unsorted" / "a b.png")).to_dict("records")
    assert (row["true"], row["correct"], row["panel"]) == ("", "", "a_b.png")


def test_without_images_the_test_split_of_the_run_is_explained(run_explain: Explain, trained: Path) -> None:
    table = run_explain(None, max_images=3)
    manifest = read_manifest(trained / "manifest.csv")
    first = manifest.rows("test").groupby("label", sort=True).first()
    assert table["image"].tolist() == [str(manifest.root / path) for path in first["path"]]
    assert table["true"].tolist() == first.index.tolist()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.png", r"images \S*gone\.png does not exist, expected an image file or a folder of images"),
        ("empty", r"\S*empty holds no images, expected an image file or a folder of images"),
        ("notes.txt", r"\S*notes\.txt cannot be read: it is not an image in a known format"),
        ("broken", r"\S*0\.png cannot be read: the file is empty"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_line(
    name: str, said: str, run_explain: Explain, tmp_path: Path, new_run: Run
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "0.png").touch()
    with pytest.raises(InputError, match=rf"^{said}$"):
        run_explain(tmp_path / name)
    assert [path for path in new_run.folder.rglob("*") if path.is_file()] == []


def test_what_is_explained_is_what_was_tested(run_explain: Explain, trained: Path) -> None:
    explained = run_explain(None).set_index("image")
    tested = pd.read_csv(trained / "predictions" / "test.csv")
    root = read_manifest(trained / "manifest.csv").root
    columns = [f"probability_{name}" for name in CLASSES]
    assert len(explained) == len(tested) > 0
    found = explained.loc[[str(root / image) for image in tested["image"]], columns]
    np.testing.assert_allclose(found.to_numpy(float), tested[columns].to_numpy(float), atol=1e-5)


def test_a_heat_map_lies_where_the_network_looked_inside_the_border(
    trained: Path, tmp_path: Path, new_run: Run, new_data: NewData, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = torch.load(trained / "checkpoints" / "best.ckpt", weights_only=True)
    checkpoint[CHECKPOINT_KEY]["preprocessing"]["border_crop"] = "frame"
    torch.save(checkpoint, tmp_path / "framed.ckpt")
    pixels = np.zeros((600, 900, 3), np.uint8)
    pixels[100:, 200:] = np.random.default_rng(0).integers(90, 200, (500, 700, 3))
    Image.fromarray(pixels).save(tmp_path / "framed.png")
    boxes = []

    def spied(heat_map: np.ndarray, box: tuple[float, ...], width: int, height: int) -> np.ndarray:
        boxes.append(box)
        return place_on_image(heat_map, box, width, height)

    monkeypatch.setattr("lightning_skin.modes.explain.place_on_image", spied)
    settings = ExplainSettings("gradcam", None, None, batch_size=2)
    explain(new_run, new_data(None), settings, str(tmp_path / "framed.png"), str(tmp_path / "framed.ckpt"))
    # The square of 500 in the middle of the right 700 columns.
    assert boxes == [pytest.approx((300, 100, 800, 600), abs=8)]
