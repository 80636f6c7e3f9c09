"""How long from the command to the first step? ``python benchmarks/startup.py [OVERRIDE ...]``.

Starts ``scripts/run.py`` with the overrides a few times, each in a process of its own, and stops it when the
first batch was trained. The first start, which may fill caches, is printed apart.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from typing_extensions import override

REPEATS = 5
HERE = Path(__file__).resolve()


class FirstStep(Callback):
    """Ends the process when the first batch was trained, and leaves the time in a file.

    Args:
        file: Takes seconds since the epoch.
    """

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    @override
    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.file.write_text(repr(time.time()))
        os._exit(0)  # workers that read ahead would hold up an orderly end


def main() -> None:
    """Measure and print."""
    seconds = [start(sys.argv[1:]) for _ in range(1 + REPEATS)]
    print(f"first start: {seconds[0]:.1f} s")
    print(f"then: {median(seconds[1:]):.1f} s ({min(seconds[1:]):.1f} - {max(seconds[1:]):.1f})")


def start(overrides: list[str]) -> float:
    """Seconds from the start of the process to the end of its first step."""
    with TemporaryDirectory() as temporary:
        file = Path(temporary, "time")
        clock = f"+callbacks.first_step={{_target_: startup.FirstStep, file: {file}}}"
        command = [sys.executable, str(HERE.parents[1] / "scripts" / "run.py"), *overrides, clock]
        folder = f"hydra.run.dir={temporary}/run"
        search = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
        started = time.time()
        subprocess.run(
            [*command, folder], env=os.environ | {"PYTHONPATH": search}, stdout=subprocess.DEVNULL, check=True
        )
        return float(file.read_text()) - started


if __name__ == "__main__":
    main()
