"""The processes of a distributed run say once what has stopped them: the first of them that knows."""

import atexit
import os
import sys
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 4.0  # Lightning looks every 5 s whether it has to kill the others
STALE_SECONDS = 60.0
STARTED = time.time()
PARENT = os.getppid()


def say_once(text: str, code: int, aftermath: bool) -> int:
    """Write to standard error, unless another process of this run has said what stopped it.

    Args:
        text: What to write; whole lines.
        code: Exit code that goes with it.
        aftermath: Whether another process seems to have failed first, whose word is waited for.

    Returns:
        Exit code of the process that spoke.
    """
    rank = os.environ.get("LOCAL_RANK")
    if rank is None:
        sys.stderr.write(text)
        return code
    # torchrun starts all processes; otherwise the first one starts the others.
    first_starts = "TORCHELASTIC_RUN_ID" not in os.environ
    if first_starts and rank != "0" and os.getppid() != PARENT:
        # The first process is gone, and has said why.
        return code
    marker = _marker(os.getpid() if first_starts and rank == "0" else PARENT)
    if first_starts and rank == "0":
        atexit.register(marker.unlink, missing_ok=True)
    deadline = time.monotonic() + (PATIENCE_SECONDS if aftermath else 0)
    while (said := _said(marker)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if said is None and _is_first(marker, code):
        sys.stderr.write(text)
        return code
    return _said(marker) or code


def _marker(launcher: int) -> Path:
    """A file named after the process that started the others, which they all know."""
    marker = Path(tempfile.gettempdir(), f"lightning_skin_{launcher}_stopped")
    if marker.exists() and marker.stat().st_mtime < STARTED - STALE_SECONDS:
        # Of an earlier run whose number the system has used again.
        marker.unlink(missing_ok=True)
    return marker


def _is_first(marker: Path, code: int) -> bool:
    own = marker.with_name(f"{marker.name}_{os.getpid()}")
    try:
        own.write_text(str(code))
        # A link appears with its content, and for one process only.
        os.link(own, marker)
    except FileExistsError:
        return False
    except OSError:
        return True  # no links here: better said twice than not at all
    finally:
        own.unlink(missing_ok=True)
    return True


def _said(marker: Path) -> int | None:
    return int(marker.read_text()) if marker.exists() else None
