import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions, write_predictions
from lightning_skin.modes.compare import compare
from lightning_skin.modes.run_folder import Run

IMAGES = np.array([f"image_{number}" for number in range(24)])
LABELS = np.arange(24) % 2

WriteTable = Callable[..., str]


@pytest.fixture
def write_table(tmp_path: Path) -> WriteTable:
    """Writes a table: its name, how many images are classified rightly, and how many there are."""

    def write(name: str, right: int, rows: int = 24, **attributes: np.ndarray) -> str:
        guesses = np.where(np.arange(rows) < right, LABELS[:rows], 1 - LABELS[:rows])
        images = IMAGES[:rows]
        table = Predictions(
            images, LABELS[:rows], np.eye(2)[guesses], images, ("mel", "nv"), attributes=attributes
        )
        path = tmp_path / name
        write_predictions(table, path)
        return str(path)

    return write


def run_compare(run: Run, runs: Sequence[Any], malignant: Sequence[str] | None = None) -> None:
    compare(run, runs, split="test", pairs="first", pool=True, malignant=malignant, seed=0)


def test_it_writes_and_prints_what_it_found(
    new_run: Run, write_table: WriteTable, capsys: pytest.CaptureFixture[str]
) -> None:
    run_compare(new_run, [write_table("weak.csv", right=12), write_table("strong.csv", right=22)])
    document = json.loads((new_run.folder / "comparison.json").read_text(encoding="utf-8"))
    (pair,) = document["pairs"]
    assert pair["differences"]["accuracy"]["value"] == pytest.approx(10 / 24)
    assert (pair["mcnemar"]["only_first"], pair["mcnemar"]["only_second"]) == (0, 10)
    rows = pd.read_csv(new_run.folder / "comparison.csv").set_index(["metric", "test"])
    assert rows.loc[("accuracy", "mcnemar_exact"), "p_value"] == pytest.approx(2 / 2**10)
    page = (new_run.folder / "comparison.html").read_text(encoding="utf-8")
    verdict = "B (strong.csv) is better than A (weak.csv) in balanced accuracy: 0.917 against 0.500, +0.417"
    assert verdict in page
    assert {file.name for file in (new_run.folder / "figures").iterdir()} == {
        "standings.png",
        "differences.png",
        "confusion_A_to_B.png",
    }
    record = json.loads((new_run.folder / "run.json").read_text(encoding="utf-8"))
    assert (record["status"], record["mode"], record["images"]) == ("finished", "compare", 24)
    assert verdict in capsys.readouterr().out


def test_malignant_classes_are_those_that_are_named_or_else_known(
    new_run: Run, write_table: WriteTable, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs = []
    for name, malignant in (("a", ["mel"]), ("b", []), ("c", ["nv"])):
        write_table(f"{name}/predictions/test.csv", right=14)
        (tmp_path / name / "run.json").write_text(json.dumps({"malignant": malignant}))
        runs.append(str(tmp_path / name))

    def found(*choice: Any) -> Any:
        run_compare(new_run, *choice)
        return json.loads((new_run.folder / "comparison.json").read_text(encoding="utf-8"))["malignant"]

    assert found(runs[:2]) == ["mel"]
    assert found(runs[:2], ["nv"]) == ["nv"]
    assert found(runs) == []
    assert "count different classes as malignant; name them with compare.malignant" in caplog.text
    with pytest.raises(InputError, match=r"compare\.malignant names melanoma, but the classes are mel, nv"):
        run_compare(new_run, runs, ["melanoma"])


def test_different_test_sets_leave_nothing_behind(new_run: Run, write_table: WriteTable) -> None:
    with pytest.raises(InputError, match="24 and 20, of which 20 are the same"):
        run_compare(new_run, [write_table("a.csv", right=12), write_table("b.csv", right=12, rows=20)])
    assert list(new_run.folder.iterdir()) == []


def test_other_images_of_the_same_names_are_refused(
    new_run: Run, write_table: WriteTable, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_table(f"{name}/predictions/test.csv", right=12)
        rows = pd.DataFrame({"path": IMAGES, "label": "mel", "split": "test", "group": IMAGES})
        Manifest(tmp_path, rows.assign(content_hash=name)).write(tmp_path / name / "manifest.csv")
    with pytest.raises(InputError, match="a and b were tested on different images of the same names, 24 of"):
        run_compare(new_run, [str(tmp_path / "a"), str(tmp_path / "b")])
    assert list(new_run.folder.iterdir()) == []


def test_images_that_were_trained_on_are_left_out_with_a_warning(
    new_run: Run, write_table: WriteTable, caplog: pytest.LogCaptureFixture
) -> None:
    marks = np.where(np.arange(24) < 6, "image", "")
    run_compare(new_run, [write_table("a.csv", right=12, trained_on=marks), write_table("b.csv", right=20)])
    assert "6 of the images are left out: a network was trained on them" in caplog.text
    document = json.loads((new_run.folder / "comparison.json").read_text(encoding="utf-8"))
    assert (document["images"], document["left_out"]) == (18, 6)


def test_one_entry_is_judged_and_said_to_be_alone(
    new_run: Run, write_table: WriteTable, caplog: pytest.LogCaptureFixture
) -> None:
    run_compare(new_run, [[write_table("a.csv", right=12), write_table("b.csv", right=20)]])
    assert "There is one entry only, " in caplog.text
    assert "compare.pool=false" in caplog.text
    assert [file.name for file in (new_run.folder / "figures").iterdir()] == ["standings.png"]
    assert (new_run.folder / "comparison.csv").read_text().startswith("first,second,metric")


def test_a_broken_table_is_named(new_run: Run, write_table: WriteTable, tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text("image,label,probability_mel,probability_nv\na,mel,0.9,0.3\n")
    with pytest.raises(InputError, match=r"broken\.csv: row 1 \(image 'a'\): probabilities must sum to 1"):
        run_compare(new_run, [write_table("a.csv", right=12), str(tmp_path / "broken.csv")])
