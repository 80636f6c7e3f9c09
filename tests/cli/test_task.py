"""What to type to run something again; that modes are built and called is tested in test_main.py."""

import shlex
from pathlib import Path

import pytest

from lightning_skin.cli.task import command_line


@pytest.mark.parametrize(
    ("program", "start"),
    [
        ("scripts/run.py", "python scripts/run.py"),
        ("/somewhere/else/scripts/run.py", "python scripts/run.py"),
        ("/usr/local/bin/lightning-skin", "lightning-skin"),
    ],
)
def test_it_starts_with_how_the_program_was_called(
    program: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [program, "--ignored"])
    assert command_line(["seed=1", "model=resnet18"]) == f"{start} seed=1 model=resnet18"


@pytest.mark.parametrize(
    "override", ["data.root='a b'", "data.fractions=[0.7,0.1,0.2]", "+model.note=$HOME", 'data.root="it\'s"']
)
def test_a_shell_gives_the_override_back(override: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["scripts/run.py"])
    assert shlex.split(command_line([override]))[2:] == [override]


def test_nothing_changed_needs_no_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [str(Path("scripts", "run.py"))])
    assert command_line([]) == "python scripts/run.py"
