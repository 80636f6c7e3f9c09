"""The run folder: what ran, with what, on what, for how long."""

import json
import os
import platform
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import torch
import yaml
from lightning.pytorch.utilities import rank_zero_only

from lightning_skin import __version__
from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError

RECORD = "run.json"
LIBRARIES = ("torch", "torchvision", "lightning", "torchmetrics", "timm", "grad-cam", "hydra-core", "numpy")


@dataclass(frozen=True)
class Run:
    """One run of the entry script.

    Attributes:
        folder: Where it writes; exists.
        config: The resolved configuration in plain Python.
        overrides: What the user changed, as given on the command line.
        command: The command line.
    """

    folder: Path
    config: dict[str, Any]
    overrides: tuple[str, ...]
    command: str
    started: float = field(default_factory=time.time)

    def claim(self, resumed: Path | None = None) -> None:
        """Refuse a folder whose content would be overwritten.

        Args:
            resumed: Folder of the run that this one goes on with, which may be the same.

        Raises:
            InputError: The folder holds a run that trained, and it is not ``resumed``, or files of another
                program.
        """
        if (self.folder / "config.yaml").exists() and not (self.folder / RECORD).exists():
            raise InputError(
                f"{self.folder} holds a config.yaml that is not of a run; set another hydra.run.dir"
            )
        if (self.folder / "checkpoints").is_dir() and (resumed is None or not self.folder.samefile(resumed)):
            raise InputError(
                f"{self.folder} holds a run that trained; set another hydra.run.dir, "
                f"or resume it with mode=fit ckpt_path={self.folder}"
            )

    def start(self, **facts: Any) -> None:  # noqa: ANN401 - JSON values
        """Write ``config.yaml`` and a ``run.json`` that says the run is under way."""
        self._write_config()
        self._write("running", facts)

    @rank_zero_only
    def _write_config(self) -> None:
        with atomic_path(self.folder / "config.yaml") as path:
            path.write_text(
                yaml.safe_dump(self.config, sort_keys=False, allow_unicode=True), encoding="utf-8"
            )

    def finish(self, **facts: Any) -> None:  # noqa: ANN401 - JSON values
        """Add the duration, and that the run is complete."""
        self._write("finished", {**facts, "seconds": self.seconds()})

    def seconds(self) -> float:
        """Since it started."""
        return round(time.time() - self.started, 1)

    def abandon(self, status: Literal["failed", "interrupted"]) -> None:
        """Say in ``run.json``, where this run has written one, that it will not be completed."""
        path = self.folder / RECORD
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        # On a full disk the record stays as it is, and what matters is the error that is under way.
        if (record.get("status"), record.get("started")) == ("running", self._start_time()):
            with suppress(OSError):
                self._write(status, {"seconds": self.seconds()})

    def _start_time(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(self.started))

    @rank_zero_only
    def _write(self, status: str, facts: dict[str, Any]) -> None:
        path = self.folder / RECORD
        before = _provenance() if status == "running" else json.loads(path.read_text(encoding="utf-8"))
        about = {
            "status": status,
            "command": self.command,
            "overrides": list(self.overrides),
            "seed": self.config["seed"],
            "started": self._start_time(),
        }
        with atomic_path(path) as partial:
            partial.write_text(json.dumps({**before, **about, **facts}, indent=2) + "\n", encoding="utf-8")


def _provenance() -> dict[str, Any]:
    device = (
        torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else platform.processor() or platform.machine()
    )
    return {
        "versions": {
            "lightning_skin": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "git": _git_state(),
        "device": device,
        "cpus": os.cpu_count(),
        "platform": platform.platform(),
    }


def _git_state() -> dict[str, Any] | None:
    """Commit of this package's checkout and whether it was changed since; ``None`` outside a checkout."""
    here = Path(__file__)
    commands = (
        # A package installed inside somebody's repository is none of its files.
        ["git", "ls-files", "--error-unmatch", here.name],
        ["git", "rev-parse", "HEAD"],
        ["git", "status", "--porcelain", "--untracked-files=no"],
    )
    try:
        _, commit, changes = (
            subprocess.run(
                command, cwd=here.parent, capture_output=True, text=True, check=True
            ).stdout.strip()
            for command in commands
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "dirty": bool(changes)}
