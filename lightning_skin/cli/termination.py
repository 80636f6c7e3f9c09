"""A run that is told to end (SIGTERM) ends like an interrupted one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """The process was told to end."""


@contextmanager
def raising_termination() -> Iterator[None]:
    """Raise `Terminated` where SIGTERM arrives meanwhile, instead of ending at once without tidying up."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    # A Trainer that is at work ends after its batch; its handler, in place meanwhile, calls this one too.
    if signal.getsignal(signal.SIGTERM) is _terminate:
        raise Terminated
