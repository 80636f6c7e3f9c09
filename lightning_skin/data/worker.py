"""Processes that read images end when the training ends them, not when a signal is sent to all processes."""

import os
import signal
from threading import Thread


def outlive_signals(worker: int) -> None:  # noqa: ARG001 - what torch calls with a worker's number
    """Ignore Ctrl-C in this process, and SIGTERM unless the training sends it.

    The training, which gets them too, may need further batches before it can end.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "sigwaitinfo"):  # on Linux; elsewhere, SIGTERM to all processes ends this one
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != os.getppid():
        pass
    os._exit(0)
