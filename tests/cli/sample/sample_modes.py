"""What the sample configuration names: a mode that does as ``action`` says."""

import errno
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lightning_skin.errors import InputError
from lightning_skin.modes.run_folder import Run

received: dict[str, object] = {}


@dataclass
class Optimizer:
    parameters: str
    lr: float
    betas: list[float]


class Network:
    def __init__(self, dropout: float, optimizer: Callable[[str], Optimizer]) -> None:
        if dropout == 0.5:
            raise InputError("dropout is unlucky")
        if dropout == 0.6:
            raise KeyError("dropout")
        self.dropout = dropout
        self.optimizer = optimizer("parameters")


def fit(run: Run, build_network: Callable[[], Network], action: str, sizes: list[int]) -> float:
    network = build_network()
    received.update(run=run, network=network, sizes=sizes)
    ACTIONS[action](run.folder)
    record = {"overrides": list(run.overrides), "score": network.dropout}
    (run.folder / "run.json").write_text(json.dumps(record))
    metrics = {"test": {"balanced_accuracy": network.dropout / 2, "accuracy": 0.75}}
    (run.folder / "metrics.json").write_text(json.dumps(metrics))
    return network.dropout


def refuse(_: Path) -> None:
    raise InputError("data.root is nowhere,\nexpected a folder")


def write_and_refuse(folder: Path) -> None:
    (folder / "manifest.csv").touch()
    raise InputError("too late")


def fill_the_disk(_: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def break_down(_: Path) -> None:
    raise KeyError("oops")


def interrupt(_: Path) -> None:
    raise KeyboardInterrupt


def interrupt_as_lightning_does(_: Path) -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise SystemExit(1)  # noqa: B904 - as there, the interrupt is the context only


def wait(folder: Path) -> None:
    (folder / "pid").write_text(f"{os.getpid()}\n")
    time.sleep(60)


def die(_: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


ACTIONS = {
    "nothing": lambda _: None,
    "refuse": refuse,
    "write_and_refuse": write_and_refuse,
    "fill_the_disk": fill_the_disk,
    "break_down": break_down,
    "interrupt": interrupt,
    "interrupt_as_lightning_does": interrupt_as_lightning_does,
    "wait": wait,
    "die": die,
}
