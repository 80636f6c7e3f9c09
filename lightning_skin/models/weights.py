"""Pretrained backbone weights: by name from torchvision or timm, or from a file."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import timm
import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec

WAYS_OUT = "give a file that you have with model.weights=FILE, or train from scratch with model.weights=null"


def load_weights(network: LesionNetwork, spec: NetworkSpec, weights: str) -> None:
    """Fill the backbone of ``network``; the head keeps its random weights.

    Args:
        network: Built from ``spec``.
        spec: Names the library and the network.
        weights: A file (PyTorch state dict, safetensors, or a checkpoint of ours), or a name:
            torchvision's such as ``IMAGENET1K_V2``, or a timm tag such as ``bt_in1k``.

    Raises:
        InputError: There are no such weights, they cannot be fetched, or they do not fit.
    """
    path = Path(weights).expanduser()
    if path.is_file():
        state = _read_file(path)
    elif spec.library == "timm":
        state = _fetch_timm(spec.name, weights)
    else:
        state = _fetch_torchvision(spec.name, weights)
    own = network.backbone.state_dict()
    missing = [key for key in own if key not in state or state[key].shape != own[key].shape]
    if missing:
        raise InputError(
            f"weights {weights} do not fit {spec.name}: {len(missing)} of {len(own)} tensors are missing "
            f"or of another shape, the first is {missing[0]}"
        )
    network.backbone.load_state_dict({key: state[key] for key in own})


def _read_file(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, SafetensorError):
        raise InputError(f"{path} is not a file of weights (a PyTorch state dict or safetensors)") from None
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    prefix = "network.backbone."
    return {key.removeprefix(prefix): value for key, value in state.items() if isinstance(value, Tensor)}


def _fetch_torchvision(name: str, weights: str) -> Mapping[str, Tensor]:
    choices = torchvision.models.get_model_weights(name).__members__
    if weights not in choices:
        raise InputError(
            f"model.weights is {weights}, which is neither a file nor known for {name}, "
            f"expected {', '.join(choices)}, a file or null"
        )
    try:
        return choices[weights].get_state_dict(progress=True, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise InputError(f"weights {weights} of {name} cannot be fetched ({error}); {WAYS_OUT}") from None


def _fetch_timm(name: str, weights: str) -> Mapping[str, Tensor]:
    tags = [full.partition(".")[2] for full in timm.list_pretrained(f"{name}.*")]
    if weights not in tags:
        known = f"expected {', '.join(tags)}, a file or null" if tags else "and it has no pretrained weights"
        raise InputError(f"model.weights is {weights}, which is neither a file nor known for {name}, {known}")
    try:
        return timm.create_model(f"{name}.{weights}", pretrained=True, num_classes=0).state_dict()
    # The hub's client raises many kinds of errors, of its own and of the libraries below it.
    except Exception as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"weights {weights} of {name} cannot be fetched ({reason}); {WAYS_OUT}") from None
