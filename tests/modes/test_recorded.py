import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from lightning_skin.data.manifest import Manifest
from lightning_skin.errors import InputError
from lightning_skin.modes.recorded import read_recorded, require_same_content


def write_run(run: Path, overrides: list[str], **settings: Any) -> Path:
    run.mkdir()
    (run / "config.yaml").write_text(yaml.safe_dump(settings))
    (run / "run.json").write_text(json.dumps({"overrides": overrides}))
    return run


BASE: dict[str, Any] = {"mode": "fit", "seed": 0, "data": {"seed": 0, "fold": None, "source": {"seed": 0}}}


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"data": {"seed": 1, "fold": 2, "source": {"seed": 1}}},
        {"ckpt_path": "outputs/x"},
        {"callbacks": {"best": {"dirpath": "elsewhere"}}},
    ],
    ids=str,
)
def test_what_repeats_a_configuration_has_the_same(tmp_path: Path, change: dict[str, Any]) -> None:
    base = BASE | {"callbacks": {"best": {"dirpath": "here"}}}
    runs = [write_run(tmp_path / "a", [], **base), write_run(tmp_path / "b", [], **(base | change))]
    first, second = map(read_recorded, runs)
    assert first.configuration == second.configuration


@pytest.mark.parametrize(
    "change", [{"model": {"name": "resnet50"}}, {"mode": "test", "ckpt_path": "outputs/x"}], ids=str
)
def test_another_configuration_is_another(tmp_path: Path, change: dict[str, Any]) -> None:
    base = BASE | {"model": {"name": "resnet18"}}
    runs = [write_run(tmp_path / "a", [], **base), write_run(tmp_path / "b", [], **(base | change))]
    first, second = map(read_recorded, runs)
    assert first.configuration != second.configuration


def test_seed_and_fold_tell_runs_apart_and_are_no_difference(tmp_path: Path) -> None:
    data = {"seed": 0, "fold": 2, "folds": 5}
    overrides = ["seed=3", "data.fold=2", "+data.seed=0", "mode=fit", "hydra.run.dir=x", "model=resnet50"]
    overrides += ["data.cache_dir=there", "callbacks=[history]"]
    found = read_recorded(write_run(tmp_path / "a", overrides, seed=3, data=data))
    assert (found.place, found.folds) == ((3, 2), 5)
    assert found.overrides == ("model=resnet50",)


@pytest.mark.parametrize("text", ["", "[1, 2]", "{"])
def test_what_cannot_be_read_is_not_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    assert read_recorded(tmp_path) == (None, (0, 0), 1, (), ())


def write_table(run: Path, **hashes: str) -> list[Path]:
    rows = [
        {"path": path, "label": "mel", "split": "test", "group": path, "content_hash": found}
        for path, found in hashes.items()
    ]
    Manifest(run, pd.DataFrame(rows)).write(run / "manifest.csv")
    return [run / "predictions" / "test.csv"]


def test_other_images_of_the_same_names_are_refused(tmp_path: Path) -> None:
    first = write_table(tmp_path / "1", a="x", b="y")
    same = write_table(tmp_path / "2", b="y", c="z")
    other = write_table(tmp_path / "3", a="x", b="q", c="r")
    require_same_content(["A", "B", "file"], [first, same, [tmp_path / "other.csv"]])
    with pytest.raises(InputError, match=r"A and C were tested on different images .* 2 of them .*: b, c;"):
        require_same_content(["A", "B", "C"], [first, same, other])
