import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lightning_skin.cli.main import launch

SAMPLE = Path(__file__).parent / "sample"


@pytest.fixture
def run_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Launch overrides on the sample configuration, in this process and an empty working folder."""
    monkeypatch.syspath_prepend(SAMPLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["run.py"])
    return lambda *arguments: launch(arguments, SAMPLE / "conf")
