"""Compose, check, build and dispatch a run: ``python scripts/run.py --help``."""

import signal

if __name__ == "__main__":
    # Until main takes over, there is nothing to tidy up, and no traceback to show for it.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    from lightning_skin.cli.main import main

    main()
