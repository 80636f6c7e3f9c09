import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from lightning_skin.cli.main import main

ENTRY = Path(__file__).parents[2] / "scripts" / "run.py"


@pytest.fixture
def received(run_sample: Callable[..., int]) -> dict[str, Any]:  # noqa: ARG001 - puts the mode on the path
    """What the sample mode was called with last."""
    from sample_modes import received

    return received


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_nested_factories_and_lists_arrive_as_plain_python(
    run_sample: Callable[..., int], received: dict[str, Any]
) -> None:
    assert run_sample("model.optimizer.lr=0.2") == 0
    assert received["network"].optimizer.lr == 0.2
    assert type(received["network"].optimizer.betas) is list
    assert type(received["sizes"]) is list


def test_a_run_knows_its_folder_configuration_and_overrides(
    run_sample: Callable[..., int], received: dict[str, Any], tmp_path: Path
) -> None:
    run_sample("seed=3", "hydra.run.dir=here")
    run = received["run"]
    assert run.folder == tmp_path / "here"
    assert (run.config["seed"], run.config["mode"]) == (3, "fit")
    assert "hydra" not in run.config
    assert run.overrides == ("seed=3",)
    assert run.command == "python scripts/run.py seed=3"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["action=refuse"], "error: data.root is nowhere, expected a folder"),
        (["model=eager", "model.dropout=0.5"], "error: dropout is unlucky"),
        (["seed=-1"], "error: seed is -1, expected an integer in [0, 4294967295]"),
        (["+model.width=1"], "error: +model.width=1 is not accepted: Network.__init__() got an unexpected"),
        (["model.dropout=${nowhere}"], "error: Interpolation key 'nowhere' not found"),
        (["hydra.run.dir=/dev/null/run"], "error: /dev/null is not a folder; set another hydra.run.dir"),
        (["--cfg", "everything"], "error: argument --cfg/-c: invalid choice: 'everything'"),
        (["--cfg", "job", "model=large"], "error: model/large does not exist; choose one of eager, small"),
        (["hydra/launcher=cluster"], "error: hydra/launcher/cluster does not exist; choose one of basic"),
    ],
    ids=str,
)
def test_what_the_user_can_mend_is_one_line_and_leaves_nothing(
    run_sample: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    said: str,
) -> None:
    assert run_sample(*arguments) == 2
    assert one_line(capsys).startswith(said)
    assert list(tmp_path.iterdir()) == []


def test_all_wrong_values_are_named_at_once(
    run_sample: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_sample("seed=x", "model.dropout=2") == 2
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == ["seed", "model.dropout"]


def test_a_full_disk_is_one_line_that_names_the_run(
    run_sample: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_sample("action=fill_the_disk", "hydra.run.dir=here") == 2
    assert one_line(capsys) == f"error: No space left on device: {tmp_path / 'here'}"


def test_what_was_written_before_an_error_stays(run_sample: Callable[..., int], tmp_path: Path) -> None:
    assert run_sample("action=write_and_refuse", "hydra.run.dir=here") == 2
    assert (tmp_path / "here" / "manifest.csv").exists()


def test_an_empty_folder_that_was_there_before_stays(run_sample: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    assert run_sample("action=refuse", "hydra.run.dir=here") == 2
    assert (tmp_path / "here").is_dir()


@pytest.mark.parametrize("arguments", [["action=break_down"], ["model=eager", "model.dropout=0.6"]], ids=str)
def test_a_bug_keeps_its_traceback(
    run_sample: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run_sample(*arguments) == 1
    said = capsys.readouterr().err
    assert "sample_modes.py" in said
    assert "please report it" in said.splitlines()[-1]


@pytest.mark.parametrize("action", ["interrupt", "interrupt_as_lightning_does"])
def test_an_interrupt_is_one_line_and_exits_with_130(
    run_sample: Callable[..., int], capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert run_sample(f"action={action}") == 130
    assert one_line(capsys) == "interrupted"


def test_a_resumed_run_repeats_its_overrides_and_the_new_ones_win(
    run_sample: Callable[..., int], received: dict[str, Any]
) -> None:
    run_sample("seed=3", "model.dropout=0.1", "hydra.run.dir=first")
    run_sample("ckpt_path=first", "seed=4", "hydra.run.dir=second")
    assert received["run"].overrides == ("model.dropout=0.1", "ckpt_path=first", "seed=4")
    assert received["network"].dropout == 0.1


def test_the_errors_of_further_processes_are_not_repeated(
    run_sample: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "test")
    for rank, said in (("1", 1), ("0", 0)):
        monkeypatch.setenv("LOCAL_RANK", rank)
        assert run_sample("seed=-1") == 2
        assert capsys.readouterr().err.count("error: ") == said


def test_a_sweep_under_torchrun_is_refused(
    run_sample: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert run_sample("-m", "seed=0,1") == 2
    assert "without torchrun" in one_line(capsys)


def test_the_configuration_can_be_shown(
    run_sample: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_sample("--cfg", "job", "seed=7") == 0
    assert "seed: 7" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["run.py", "--version"])
    main()
    assert capsys.readouterr().out == f"lightning-skin {version('lightning-skin')}\n"


def test_help_answers_at_once_without_hydra_or_torch() -> None:
    start = time.perf_counter()
    command = [sys.executable, "-X", "importtime", str(ENTRY), "--help"]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert time.perf_counter() - start < 2
    assert finished.stdout.startswith("Train, judge and explain")
    imported = {line.rpartition("|")[2].strip() for line in finished.stderr.splitlines()}
    assert not imported & {"hydra", "torch", "omegaconf", "pydantic", "rich"}


def test_a_typing_mistake_is_found_before_torch_is_imported(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", str(ENTRY), "model.dropot=0.1"]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    lines = finished.stderr.splitlines()
    assert [line for line in lines if not line.startswith("import time:")] == [
        "error: unknown key model.dropot; did you mean model.dropout?"
    ]
    assert not any(line.endswith("| torch") for line in lines)
