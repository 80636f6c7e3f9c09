import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lightning_skin.cli.one_voice import say_once

FAIL = """
import os, sys, time
from lightning_skin.cli.one_voice import say_once
delay, code, aftermath = sys.argv[1:]
time.sleep(float(delay))
sys.exit(say_once(f"process {os.environ['LOCAL_RANK']}\\n", int(code), aftermath == "True"))
"""


def test_one_process_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert say_once("error: this\n", 2, aftermath=False) == 2
    assert capsys.readouterr().err == "error: this\n"


def test_of_several_processes_the_first_that_failed_by_itself_speaks_for_all(
    tmp_path: Path,
) -> None:
    # As torchrun starts them. The first one only lost its connection, and the others failed.
    failures = [("0", "0", "1", "True"), ("1", "0", "2", "False"), ("2", "1", "2", "False")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FAIL, *arguments],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "LOCAL_RANK": rank, "TORCHELASTIC_RUN_ID": "test", "TMPDIR": str(tmp_path)},
        )
        for rank, *arguments in failures
    ]
    said = [process.communicate()[1] for process in processes]
    assert "".join(said) == "process 1\n"
    assert [process.returncode for process in processes] == [2, 2, 2]


def test_a_process_that_lost_the_others_speaks_in_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setattr("lightning_skin.cli.one_voice.PATIENCE_SECONDS", 0.1)
    assert say_once("error: lost\n", 1, aftermath=True) == 1
    assert capsys.readouterr().err == "error: lost\n"
