"""Ctrl-C and SIGTERM in a training: noted when they arrive, heeded where its state is whole."""

import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.utilities.exceptions import SIGTERMException

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ECHO_SECONDS = 1.0


class Interruption:
    """Notes the first signal; a second one ends the run at once.

    Attributes:
        received: Number of the signal; 0 for none.
    """

    def __init__(self) -> None:
        self.received = 0
        self._noted = 0.0
        self._announce = False
        self._before: dict[int, Any] = {}

    def watch(self, announce: bool) -> None:
        """Take over the signals.

        Args:
            announce: Say on standard error that one has arrived.
        """
        # Other threads may not, and cannot be interrupted.
        if self._before or threading.current_thread() is not threading.main_thread():
            return
        self.received = 0
        self._announce = announce
        # Who ignores a signal, such as a job in a shell's background, goes on doing so.
        self._before = {
            number: signal.signal(number, self._note)
            for number in SIGNALS
            if signal.getsignal(number) not in (signal.SIG_IGN, None)
        }

    def release(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def heed(self) -> None:
        """End the training as the signal asks for.

        Raises:
            KeyboardInterrupt: It was Ctrl-C.
            SIGTERMException: The process was told to end.
        """
        received = self.received
        self.release()
        raise KeyboardInterrupt if received == signal.SIGINT else SIGTERMException

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signature of a handler
        if self.received:
            # Launchers pass on what the processes of a terminal have received already.
            if time.monotonic() - self._noted > ECHO_SECONDS:
                self.release()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.raise_signal(number)
            return
        self.received = number
        self._noted = time.monotonic()
        if self._announce:
            sys.stderr.write("saving the training, which then ends; once more to end at once\n")


def agreed(trainer: Trainer, number: int) -> int:
    """The largest of the numbers that the processes of a training have; each of them has to ask."""
    if trainer.world_size == 1:
        return number
    asked = torch.tensor(number, device=trainer.strategy.root_device)
    return int(trainer.strategy.reduce(asked, reduce_op="max"))
