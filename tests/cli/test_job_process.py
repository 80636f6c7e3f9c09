import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.cli.job_process import run_process


def python(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, signal, sys; {code}"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.stderr.write('a warning\\n')", (0, "")),
        ("sys.stderr.write('error: no data\\n'); sys.exit(2)", (2, "no data")),
        ("sys.stderr.write('error: one\\nerror: two\\n'); sys.exit(2)", (2, "one; two")),
        ("sys.exit(3)", (3, "exit code 3")),
        ("os.kill(os.getpid(), signal.SIGKILL)", (-9, "killed by SIGKILL")),
    ],
)
def test_exit_code_and_errors_are_remembered(code: str, expected: tuple[int, str]) -> None:
    assert run_process(python(code), "job 0") == expected


def test_errors_are_passed_on_under_the_name_of_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    run_process(python("sys.stderr.write('hello\\nerror: no data\\n')"), "job 3")
    assert capsys.readouterr().err == "hello\nerror: job 3: no data\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_job_does_not_outlive_a_killed_sweep(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    job = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = (
        "import sys; from lightning_skin.cli.job_process import run_process;"
        f"run_process([sys.executable, '-c', {job!r}], 'job 0')"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as sweep:
        wait_until(lambda: file.exists() and file.read_text() != "")
        sweep.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_running(int(file.read_text())))


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() != b""


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
