"""The processes of a distributed run say once what has stopped them: the first of them that knows."""

import atexit
import os
import sys
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 4.0  # Lightning looks every 5 s whether it has to kill the others
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
    if "LOCAL_RANK" not in os.environ:
        sys.stderr.write(text)
        return code
    launched = "TORCHELASTIC_RUN_ID" not in os.environ and os.environ["LOCAL_RANK"] != "0"
    if launched and os.getppid() != PARENT:
        # The first process has ended before, and has said why.
        return code
    marker = _marker()
    if os.environ["LOCAL_RANK"] == "0":
        atexit.register(marker.unlink, missing_ok=True)
    deadline = time.monotonic() + (PATIENCE_SECONDS if aftermath else 0)
    while (said := _said(marker)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    if said is not None:
        return said
    own = marker.with_name(f"{marker.name}_{os.getpid()}")
    try:
        own.write_text(str(code))
        # A link appears with its content, and for one process only.
        os.link(own, marker)
    except FileExistsError:
        return _said(marker) or code
    except OSError:
        pass  # no such links here, so that several processes may speak
    finally:
        own.unlink(missing_ok=True)
    sys.stderr.write(text)
    return code


def _marker() -> Path:
    """A file named after the process that started the others, which they all know."""
    first_launches = "TORCHELASTIC_RUN_ID" not in os.environ and os.environ["LOCAL_RANK"] == "0"
    launcher = os.getpid() if first_launches else PARENT
    marker = Path(tempfile.gettempdir(), f"lightning_skin_{os.getuid()}_{launcher}_stopped")
    if marker.exists() and marker.stat().st_mtime < STARTED:
        # Of an earlier run whose number the system has used again.
        marker.unlink(missing_ok=True)
    return marker


def _said(marker: Path) -> int | None:
    return int(marker.read_text()) if marker.exists() else None
