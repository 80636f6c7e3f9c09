"""What runs means to mode=compare."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lightning_skin.errors import InputError
from lightning_skin.modes.entrants import Entrant, find_entrants

Write = Callable[..., Path]


@pytest.fixture
def write_run(tmp_path: Path) -> Write:
    """Writes what a run leaves: its folder, seed, fold, learning rate and status; returns its test table."""

    def write(
        name: str, seed: int = 0, fold: int | None = None, lr: float = 0.1, status: str = "finished"
    ) -> Path:
        run = tmp_path / name
        (run / "predictions").mkdir(parents=True)
        settings: dict[str, Any] = {"seed": seed, "lr": lr, "mode": "fit", "ckpt_path": None}
        settings["data"] = {"seed": 0, "fold": fold, "folds": fold and 5, "num_workers": seed}
        (run / "config.yaml").write_text(yaml.safe_dump(settings))
        overrides = [
            f"seed={seed}",
            f"data.fold={fold}",
            f"lr={lr}",
            "model=resnet18",
            f"hydra.run.dir={name}",
        ]
        (run / "run.json").write_text(json.dumps({"status": status, "overrides": overrides}))
        table = run / "predictions" / "test.csv"
        table.touch()
        return table

    return write


def find(tmp_path: Path, *names: Any, pool: bool = True) -> list[Entrant]:
    def path(name: Any) -> Any:
        return str(tmp_path / name) if isinstance(name, str) else [path(one) for one in name]

    return find_entrants([path(name) for name in names], "test", pool)


def test_a_run_is_its_table_and_a_file_is_itself(write_run: Write, tmp_path: Path) -> None:
    tables = [write_run("a"), write_run("b", lr=0.2)]
    file = tmp_path / "other.csv"
    file.touch()
    found = find(tmp_path, "a", "b", "other.csv")
    assert [one.files for one in found] == [[tables[0]], [tables[1]], [file]]
    assert [one.name for one in found] == ["a", "b", "other.csv"]
    assert [one.differs for one in found] == ["lr=0.1", "lr=0.2", ""]


def test_seeds_and_folds_of_one_configuration_are_one_entry(write_run: Write, tmp_path: Path) -> None:
    # In the order of seeds, and of folds within them, whatever the order given.
    second, first = write_run("x", seed=1), write_run("y", seed=0)
    other = write_run("z", lr=0.2)
    assert [one.files for one in find(tmp_path, "x", "z", "y")] == [[first, second], [other]]
    assert [one.files for one in find(tmp_path, "x", "z", "y", pool=False)] == [[second], [other], [first]]


def test_a_sweep_is_an_entry_for_each_configuration_named_by_what_it_changes(
    write_run: Write, tmp_path: Path
) -> None:
    tables = [
        write_run(f"sweep/{2 * place + seed}", seed=seed, lr=lr)
        for place, lr in enumerate((0.1, 0.2))
        for seed in (0, 1)
    ]
    found = find(tmp_path, "sweep")
    assert [one.files for one in found] == [tables[:2], tables[2:]]
    assert [one.name for one in found] == ["lr=0.1", "lr=0.2"]


def test_a_list_within_the_list_and_a_name_make_one_entry(write_run: Write, tmp_path: Path) -> None:
    tables = [write_run("a"), write_run("b", seed=3, lr=0.2), write_run("c", lr=0.3)]
    assert [one.files for one in find(tmp_path, "c", ["b", "a"])] == [[tables[2]], [tables[0], tables[1]]]
    named = find_entrants(
        {"old": str(tmp_path / "c"), "new": [str(tmp_path / "a"), str(tmp_path / "b")]}, "test", pool=True
    )
    assert [(one.name, one.files) for one in named] == [("old", tables[2:]), ("new", tables[:2])]


def test_names_differ(write_run: Write, tmp_path: Path) -> None:
    for name in "abcd":
        write_run(name, lr=ord(name))
    alike = find(tmp_path, ["a", "b"], ["c", "d"])
    assert [one.name for one in alike] == [tmp_path.name, f"{tmp_path.name} (2)"]


def test_one_seed_is_not_pooled_twice(write_run: Write, tmp_path: Path) -> None:
    write_run("a")
    write_run("b")
    with pytest.raises(InputError, match=r"a/predictions/test\.csv and .* one configuration, seed and fold"):
        find(tmp_path, "a", "b")
    assert len(find(tmp_path, "a", "b", pool=False)) == 2


def test_unfinished_runs_of_a_sweep_are_left_out_with_a_warning(
    write_run: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_run("sweep/0")
    write_run("sweep/1", seed=1, status="failed")
    (entry,) = find(tmp_path, "sweep")
    assert len(entry.files) == 1
    assert "1 run(s)" in caplog.text


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(InputError, match=r"runs is not set; name what to compare: runs=\[RUN,RUN\]"):
        find_entrants(None, "test", pool=True)


def test_folds_that_are_missing_are_counted(
    write_run: Write, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tables = [write_run(f"sweep/{fold}", fold=fold) for fold in (1, 2, 4)]
    assert [one.files for one in find(tmp_path, "sweep")] == [tables]
    assert "2 of the 5 folds of " in caplog.text
    caplog.clear()
    find(tmp_path, "sweep/1")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", r"runs names .*gone, which does not exist"),
        ("empty", r"holds no predictions/test\.csv, expected a run of mode=fit, test or evaluate"),
        ("a/checkpoints/best.ckpt", r"a checkpoint, expected the run that wrote it"),
        ("a/predictions/test.csv", r"runs names .*test\.csv twice"),
        ("a/../a", r"runs names .*test\.csv twice"),
    ],
)
def test_what_cannot_be_compared_is_named(write_run: Write, tmp_path: Path, name: str, message: str) -> None:
    write_run("a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a" / "checkpoints").mkdir()
    (tmp_path / "a" / "checkpoints" / "best.ckpt").touch()
    with pytest.raises(InputError, match=message):
        find(tmp_path, "a", name)
