"""Pretrained backbone weights: by name from torchvision or timm, or from a file."""

import logging
from collections.abc import Mapping
from pathlib import Path

import huggingface_hub
import timm
import torch
import torchvision
from safetensors.torch import load_file
from torch import Tensor, nn

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec

logger = logging.getLogger(__name__)

REASON_LENGTH = 200  # characters of a library's error that fit into one line
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
    elif spec.stem != "standard":
        raise InputError(
            f"model.weights is {weights}, whose first convolution does not fit model.stem={spec.stem}; "
            "set model.stem=standard, or train from scratch with model.weights=null"
        )
    elif spec.library == "timm":
        state = _fetch_timm(spec.name, weights)
    else:
        state = _fetch_torchvision(spec.name, weights)
    own = network.backbone.state_dict()
    # Files written before PyTorch counted batches lack the counts.
    needed = [key for key in own if not key.endswith("num_batches_tracked")]
    missing = [key for key in needed if key not in state or state[key].shape != own[key].shape]
    if missing:
        raise InputError(
            f"weights {weights} do not fit {spec.name}: {len(missing)} of {len(own)} tensors are missing "
            f"or of another shape, the first is {missing[0]}"
        )
    if extra := sorted(set(state) - set(own) - _of_other_heads(network.backbone, state)):
        raise InputError(
            f"weights {weights} do not fit {spec.name}, which has no {extra[0]} ({len(extra)} such tensors); "
            "are they of another network?"
        )
    network.backbone.load_state_dict({key: state.get(key, value) for key, value in own.items()})


def _of_other_heads(backbone: nn.Module, state: Mapping[str, Tensor]) -> set[str]:
    """Tensors of a head: where the backbone's own was taken out, or outside of all its parts."""
    parts = {name for name, part in backbone.named_children() if next(part.parameters(), None) is not None}
    heads = [f"{name}." for name, part in backbone.named_modules() if isinstance(part, nn.Identity)]
    return {key for key in state if key.partition(".")[0] not in parts or key.startswith(tuple(heads))}


def _read_file(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    # The reader of PyTorch's old format raises whatever the bytes of another file lead it to.
    except Exception:
        raise InputError(f"{path} is not a file of weights (a PyTorch state dict or safetensors)") from None
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    if not isinstance(state, dict):
        return {}
    prefix = "network.backbone."
    return {str(key).removeprefix(prefix): value for key, value in state.items() if isinstance(value, Tensor)}


def _fetch_torchvision(name: str, weights: str) -> Mapping[str, Tensor]:
    choices = torchvision.models.get_model_weights(name).__members__
    if weights not in choices:
        raise InputError(
            f"model.weights is {weights}, which is neither a file nor known for {name}, "
            f"expected {', '.join(choices)}, a file or null"
        )
    logger.info("Fetching weights %s of %s unless they are here already", weights, name)
    try:
        # Not the bare file: some networks rename what old files call differently.
        return torchvision.models.get_model(name, weights=weights).state_dict()
    except (OSError, RuntimeError) as error:
        raise InputError(f"weights {weights} of {name} cannot be fetched ({error}); {WAYS_OUT}") from None


def _fetch_timm(name: str, weights: str) -> Mapping[str, Tensor]:
    tags = [full.partition(".")[2] for full in timm.list_pretrained(f"{name}.*")]
    if weights not in tags:
        known = f"expected {', '.join(tags)}, a file or null" if tags else "and it has no pretrained weights"
        raise InputError(f"model.weights is {weights}, which is neither a file nor known for {name}, {known}")
    logger.info("Fetching weights %s of %s unless they are here already", weights, name)
    # It would report each of its attempts, for most of a minute.
    huggingface_hub.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        return timm.create_model(f"{name}.{weights}", pretrained=True, num_classes=0).state_dict()
    # The hub's client raises many kinds of errors, of its own and of the libraries below it.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())[:REASON_LENGTH]
        raise InputError(f"weights {weights} of {name} cannot be fetched ({reason}); {WAYS_OUT}") from None
