"""Checkpoints as files: plain data, complete or not there."""

import io
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError

CHECKPOINT_KEY = "lightning_skin"
PARTS = ((CHECKPOINT_KEY, dict), ("state_dict", Mapping), ("epoch", int))


def load_content(path: Path) -> dict[str, Any]:
    """Read all that a checkpoint holds, without running any of it.

    Raises:
        InputError: The file is damaged, not ours, or holds anything but plain data.
    """
    damaged = InputError(f"{path} is no checkpoint, or it is damaged; expected a file written by mode=fit")
    if not zipfile.is_zipfile(path):
        raise damaged
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise InputError(
            f"{path} holds code or objects, which could run when loaded, so it is refused; "
            "expected a checkpoint written by mode=fit"
        ) from None
    except (OSError, RuntimeError, EOFError, KeyError, ValueError):
        raise damaged from None
    if not isinstance(content, dict) or not all(isinstance(content.get(key), kind) for key, kind in PARTS):
        raise InputError(f"{path} was not written by this tool, expected a checkpoint written by mode=fit")
    return content


def save_content(content: Mapping[str, Any], path: Path) -> None:
    """Write what a checkpoint holds, complete or not at all."""
    # Through memory, because PyTorch's own writer does not say that a disk is full.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with atomic_path(path) as partial:
        partial.write_bytes(buffer.getbuffer())
