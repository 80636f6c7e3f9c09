"""The record of a run: what is written before it starts, and what when it is complete."""

import json
import platform
import time
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest
import yaml

from lightning_skin import __version__
from lightning_skin.errors import InputError
from lightning_skin.modes.run_folder import LIBRARIES, Run


def record(run: Run) -> dict[str, Any]:
    return json.loads((run.folder / "run.json").read_text(encoding="utf-8"))


def test_a_folder_that_trained_is_kept_for_its_own_resumption(new_run: Run) -> None:
    (new_run.folder / "checkpoints").mkdir()
    new_run.claim(new_run.folder)
    with pytest.raises(InputError, match=r"run holds a run that trained; set another hydra\.run\.dir"):
        new_run.claim()


def test_a_configuration_of_another_program_is_not_overwritten(new_run: Run) -> None:
    (new_run.folder / "config.yaml").write_text("precious: true")
    with pytest.raises(InputError, match=r"holds a config\.yaml that is not of a run"):
        new_run.claim()


def test_the_folder_of_a_run_that_failed_early_may_be_used_again(new_run: Run) -> None:
    new_run.start(mode="fit")
    new_run.abandon("failed")
    new_run.claim()
    assert record(new_run)["status"] == "failed"


def test_a_finished_run_stays_finished(new_run: Run) -> None:
    new_run.start(mode="fit")
    new_run.finish()
    new_run.abandon("interrupted")
    assert record(new_run)["status"] == "finished"


def test_a_run_that_never_started_leaves_the_record_of_another(new_run: Run) -> None:
    replace(new_run, started=time.time() - 90).start(mode="fit")
    new_run.abandon("failed")
    assert record(new_run)["status"] == "running"


def test_a_run_under_way_says_so_and_has_no_duration(new_run: Run) -> None:
    new_run.start(mode="fit")
    assert record(new_run)["status"] == "running"
    assert "seconds" not in record(new_run)


def test_a_complete_run_says_how_long_it_took(new_run: Run) -> None:
    run = replace(new_run, started=time.time() - 90)
    run.start(mode="fit")
    run.finish(score=0.5)
    assert record(run)["status"] == "finished"
    assert record(run)["seconds"] == pytest.approx(90, abs=10)


def test_the_end_keeps_the_facts_of_the_start(new_run: Run) -> None:
    new_run.start(mode="fit", class_names=("mel", "nv"), resumed_from=None)
    before = record(new_run)
    new_run.finish(score=0.5)
    after = record(new_run)
    assert after | {"status": "running"} == before | {"score": 0.5, "seconds": after["seconds"]}
    assert after["class_names"] == ["mel", "nv"]


def test_a_second_start_forgets_the_first(new_run: Run) -> None:
    new_run.start(mode="fit", resumed_from=None)
    new_run.finish(score=0.5)
    new_run.start(mode="test")
    assert not {"score", "seconds", "resumed_from"} & record(new_run).keys()


def test_it_names_the_versions_of_what_computes(new_run: Run) -> None:
    new_run.start()
    expected = {name: version(name) for name in LIBRARIES}
    own = {"lightning_skin": __version__, "python": platform.python_version()}
    assert record(new_run)["versions"] == own | expected


def test_it_says_what_to_type_to_run_it_again(new_run: Run) -> None:
    run = replace(new_run, overrides=("seed=7", "data.root='Läsionen, alle'"), config={"seed": 7})
    run.start()
    said = record(run)
    assert (said["seed"], said["overrides"]) == (7, ["seed=7", "data.root='Läsionen, alle'"])
    assert said["command"] == run.command


def test_the_start_has_a_time_zone(new_run: Run) -> None:
    new_run.start()
    started = time.strptime(record(new_run)["started"], "%Y-%m-%dT%H:%M:%S%z")
    assert time.mktime(started) == int(new_run.started)


def test_the_configuration_is_read_back_as_it_was_in_the_same_order(new_run: Run) -> None:
    config = {
        "seed": 0,
        "model": {"name": "resnet18", "weights": None},
        "data": {"root": "Läsionen", "fractions": [1, 0.5]},
    }
    run = replace(new_run, config=config)
    run.start()
    text = (run.folder / "config.yaml").read_text(encoding="utf-8")
    assert list(yaml.safe_load(text)) == ["seed", "model", "data"]
    assert yaml.safe_load(text) == config
    assert "root: Läsionen" in text


def test_nothing_but_record_and_configuration_is_left(new_run: Run) -> None:
    new_run.start()
    new_run.finish()
    assert sorted(path.name for path in new_run.folder.iterdir()) == ["config.yaml", "run.json"]


def test_without_git_there_is_no_commit(new_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    new_run.start()
    assert record(new_run)["git"] is None
