"""From a command line to a run; sweeps are tested in test_sweep.py, exit codes in test_main.py."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

from lightning_skin.cli.launcher import run_command_line
from lightning_skin.errors import InputError

CONF = Path(__file__).parent / "sample" / "conf"
RunCommandLine = Callable[..., int]


@pytest.fixture
def run_line(run_sample: Callable[..., int]) -> RunCommandLine:  # noqa: ARG001 - puts the mode on the path
    """Run overrides on the sample configuration; errors are raised instead of reported."""
    return lambda *arguments: run_command_line(arguments, CONF)


def test_a_run_writes_into_the_folder_that_it_is_given(run_line: RunCommandLine, tmp_path: Path) -> None:
    assert run_line("model.dropout=0.2", "hydra.run.dir=deep/here") == 0
    assert json.loads((tmp_path / "deep/here/run.json").read_text())["score"] == 0.2


def test_two_runs_of_one_process_do_not_mix(run_line: RunCommandLine, tmp_path: Path) -> None:
    run_line("model.dropout=0.1", "hydra.run.dir=first")
    run_line("hydra.run.dir=second")
    assert json.loads((tmp_path / "second/run.json").read_text())["score"] == 0.3
    assert not GlobalHydra.instance().is_initialized()


def test_showing_the_configuration_writes_nothing(run_line: RunCommandLine, tmp_path: Path) -> None:
    assert run_line("--cfg", "job", "action=break_down") == 0
    assert list(tmp_path.iterdir()) == []


def test_the_error_of_a_mode_is_raised_as_it_is(run_line: RunCommandLine) -> None:
    with pytest.raises(InputError, match=r"^data.root is nowhere,\nexpected a folder$"):
        run_line("action=refuse")


def test_an_error_of_the_command_line_is_raised_before_the_run(
    run_line: RunCommandLine, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="unknown key sed; did you mean seed"):
        run_line("sed=1")
    assert list(tmp_path.iterdir()) == []


def test_what_a_resumed_run_repeats_is_said(
    run_line: RunCommandLine, capsys: pytest.CaptureFixture[str]
) -> None:
    run_line("seed=3", "model.dropout=0.1", "hydra.run.dir=first")
    capsys.readouterr()
    run_line("ckpt_path=first", "seed=4", "hydra.run.dir=second")
    assert capsys.readouterr().out == "repeating the overrides of the run: model.dropout=0.1\n"


def test_further_processes_repeat_in_silence(
    run_line: RunCommandLine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run_line("model.dropout=0.1", "hydra.run.dir=first")
    capsys.readouterr()
    monkeypatch.setenv("LOCAL_RANK", "1")
    run_line("ckpt_path=first", "hydra.run.dir=second")
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "second/run.json").read_text())["score"] == 0.1


def test_further_processes_are_started_with_the_repeated_overrides(run_line: RunCommandLine) -> None:
    run_line("model.dropout=0.1", "hydra.run.dir=first")
    run_line("ckpt_path=first", "hydra.run.dir=second")
    assert sys.argv[1:] == ["model.dropout=0.1", "ckpt_path=first", "hydra.run.dir=second"]


def test_a_file_in_the_place_of_a_folder_is_named_with_the_key(
    run_line: RunCommandLine, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file is not a folder; set another hydra\.run\.dir"):
        run_line("hydra.run.dir=file/run")
    with pytest.raises(InputError, match=r"file is not a folder; set another hydra\.sweep\.dir"):
        run_line("-m", "seed=0,1", "hydra.sweep.dir=file")
