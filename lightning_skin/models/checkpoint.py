"""Checkpoints as data: found, checked and turned into networks, never executed."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network

CHECKPOINT_KEY = "lightning_skin"
FORMAT = 1
PARTS = ((CHECKPOINT_KEY, dict), ("state_dict", Mapping), ("epoch", int))


@dataclass(frozen=True)
class Facts:
    """What a checkpoint says of itself.

    Attributes:
        network: How to build the network.
        class_names: Order of the logits.
        preprocessing: The evaluation transform, described in plain Python.
        manifest_hash: Of the data it was trained on.
        metadata: How to encode metadata, described in plain Python; ``None`` where it takes none.
        malignant: Classes that count as malignant; none where that is not known, as in older checkpoints.
    """

    network: NetworkSpec
    class_names: tuple[str, ...]
    preprocessing: Mapping[str, Any]
    manifest_hash: str
    metadata: Mapping[str, Any] | None = None
    malignant: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python."""
        return {
            "format": FORMAT,
            "network": self.network.to_dict(),
            "class_names": list(self.class_names),
            "preprocessing": dict(self.preprocessing),
            "manifest_hash": self.manifest_hash,
            "metadata": None if self.metadata is None else dict(self.metadata),
            "malignant": list(self.malignant),
        }


class Checkpoint(NamedTuple):
    """A checkpoint that was read and found usable.

    Attributes:
        path: Its file.
        facts: What it says of itself.
        network: Rebuilt, with the stored weights, in evaluation mode and channels last.
        epoch: The epoch that it was written in, from 0.
        resumable: Whether it holds the optimizer's state.
        epochs: How many epochs it was trained for, complete ones.
    """

    path: Path
    facts: Facts
    network: LesionNetwork
    epoch: int
    resumable: bool
    epochs: int

    @property
    def run_folder(self) -> Path:
        """The folder of the run that wrote it, if the file was not moved."""
        return self.path.parent.parent


def find_checkpoint(ckpt_path: str | Sequence[str] | None, name: str) -> Path:
    """The file that ``ckpt_path`` means.

    Args:
        ckpt_path: A checkpoint, or the folder of a run.
        name: Which one of a run: ``best`` or ``last``.

    Raises:
        InputError: It does not exist, or several are named.
    """
    if ckpt_path is not None and not isinstance(ckpt_path, str):
        raise InputError(
            f"ckpt_path names {len(ckpt_path)} checkpoints, which mode=test alone takes together; name one"
        )
    if ckpt_path is None:
        raise InputError("ckpt_path is not set, expected the folder of a run or a checkpoint: ckpt_path=RUN")
    path = Path(ckpt_path).expanduser()
    if path.is_dir():
        path = path / ("" if path.name == "checkpoints" else "checkpoints") / f"{name}.ckpt"
        if not path.is_file():
            raise InputError(
                f"{ckpt_path} holds no checkpoints/{name}.ckpt, expected the folder of a run that trained"
            )
    if not path.is_file():
        raise InputError(f"ckpt_path {path} does not exist, expected the folder of a run or a checkpoint")
    return path.resolve()


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint without running anything that it holds.

    Raises:
        InputError: The file is damaged, not ours, holds anything but plain data, or its training diverged.
    """
    content = _load(path)
    facts = _facts(path, content)
    network = (
        build_network(facts.network, len(facts.class_names)).to(memory_format=torch.channels_last).eval()
    )
    prefix = "network."
    stored: Mapping[str, Tensor] = content["state_dict"]
    weights = OrderedDict(
        (key.removeprefix(prefix), value) for key, value in stored.items() if key.startswith(prefix)
    )
    # Versions of the layers, without which MNASNet refuses to be loaded.
    weights._metadata = network.state_dict()._metadata  # type: ignore[attr-defined]
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise InputError(
            f"{path} does not fit its own network: {str(error).splitlines()[-1].strip()}"
        ) from None
    if not all(tensor.isfinite().all() for tensor in network.state_dict().values()):
        raise InputError(f"{path} holds weights that are not finite: its training diverged, use another one")
    epoch, resumable = content["epoch"], bool(content.get("optimizer_states"))
    return Checkpoint(path, facts, network, epoch, resumable, _complete_epochs(content))


def _complete_epochs(content: Mapping[str, Any]) -> int:
    try:
        return int(content["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"])
    except (KeyError, TypeError, ValueError):
        return int(content["epoch"]) + 1


def _load(path: Path) -> dict[str, Any]:
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


def _facts(path: Path, content: Mapping[str, Any]) -> Facts:
    stored = content[CHECKPOINT_KEY]
    if stored.get("format") != FORMAT:
        raise InputError(f"{path} has another format than this version of lightning_skin reads ({FORMAT})")
    try:
        return Facts(
            NetworkSpec.from_dict(stored["network"]),
            tuple(str(name) for name in stored["class_names"]),
            dict(stored["preprocessing"]),
            str(stored["manifest_hash"]),
            None if stored.get("metadata") is None else dict(stored["metadata"]),
            tuple(str(name) for name in stored.get("malignant", ())),
        )
    except (KeyError, TypeError, ValueError):
        raise InputError(
            f"{path} lacks facts of its own network, expected a checkpoint written by mode=fit"
        ) from None
