"""Processes that read images leave it to the training to end when a signal is sent to all of them."""

import signal
from types import FrameType

GRACE_SECONDS = 120  # for the training to come to the end of its batch or validation


def outlive_signals(worker: int) -> None:  # noqa: ARG001 - what torch calls with a worker's number
    """Ignore Ctrl-C in this process, and heed SIGTERM a while later only."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_later)


def _end_later(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signature of a handler
    signal.alarm(GRACE_SECONDS)
