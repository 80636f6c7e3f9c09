"""Bars are drawn on terminals only."""

import os
import pty
import subprocess
import sys

import pytest

from lightning_skin.progress import track

SCRIPT = """
from lightning_skin.progress import track
print(sum(track(iter([1, 2, 3]), "Adding", total=3)))
"""


def test_items_come_through_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track(["a", "b"], "Reading")) == ["a", "b"]
    assert capsys.readouterr().out == ""


def test_a_log_file_gets_no_bar() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("6\n", "")


def test_a_terminal_gets_one() -> None:
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", SCRIPT], stdout=theirs, check=True, env=environment)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "Adding" in shown
    assert "6" in shown
