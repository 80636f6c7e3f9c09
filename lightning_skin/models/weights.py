"""Pretrained backbone weights: by name from torchvision or timm, or from a file."""

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

import huggingface_hub
import timm
import torch
import torchvision
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec

logger = logging.getLogger(__name__)

REASON_LENGTH = 200  # characters of a library's error that fit into one line
WAYS_OUT = "give a file that you have with model.weights=FILE, or train from scratch with model.weights=null"


def load_weights(network: LesionNetwork, spec: NetworkSpec, weights: str) -> None:
    """Fill the backbone of ``network``; the head keeps its random weights.

    Position embeddings of another image size are interpolated.

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
    else:
        require_name(spec, weights)
        state = (_fetch_timm if spec.library == "timm" else _fetch_torchvision)(spec, weights)
    state = _fit(network.backbone, spec, weights, state)
    # Filled rather than made anew, since it says in which version of the network it was written.
    own = network.backbone.state_dict()
    own.update({key: state[key] for key in own if key in state})
    network.backbone.load_state_dict(own)


def check_weights(network: LesionNetwork, spec: NetworkSpec, weights: str) -> None:
    """Say what is wrong with weights, as far as that can be known without fetching them.

    Args:
        network: Built from ``spec``; on the meta device is enough.
        spec: Names the library and the network.
        weights: As for :func:`load_weights`.

    Raises:
        InputError: A file does not fit, or there are no weights of that name.
    """
    path = Path(weights).expanduser()
    if path.is_file():
        _fit(network.backbone, spec, weights, _read_file(path))
    else:
        require_name(spec, weights)


def require_name(spec: NetworkSpec, weights: str) -> None:
    """Refuse a name that the library does not know for this network.

    Raises:
        InputError: It knows others, or none.
    """
    if spec.library == "timm":
        known = [full.partition(".")[2] for full in timm.list_pretrained(f"{spec.name}.*")]
    else:
        known = list(torchvision.models.get_model_weights(spec.name).__members__)
    if weights not in known:
        hint = f"expected {', '.join(known)}, a file or null" if known else "and it has no pretrained weights"
        raise InputError(
            f"model.weights is {weights}, which is neither a file nor known for {spec.name}, {hint}"
        )
    if spec.stem != "standard":
        raise InputError(
            f"model.weights is {weights}, whose first convolution does not fit model.stem={spec.stem}; "
            "set model.stem=standard, or train from scratch with model.weights=null"
        )


def _fit(
    backbone: nn.Module, spec: NetworkSpec, weights: str, state: Mapping[str, Tensor]
) -> Mapping[str, Tensor]:
    own = backbone.state_dict()
    # Files written before PyTorch counted batches lack the counts.
    needed = [key for key in own if not key.endswith("num_batches_tracked")]
    missing = _missing(needed, own, state)
    if missing:
        state = _interpolated(backbone, spec, state)
        missing = _missing(needed, own, state)
    if missing:
        raise InputError(
            f"weights {weights} do not fit {spec.name}: {len(missing)} of {len(own)} tensors are missing "
            f"or of another shape, the first is {missing[0]}"
        )
    if extra := sorted(set(state) - set(own) - _of_other_heads(backbone, state)):
        raise InputError(
            f"weights {weights} do not fit {spec.name}, which has no {extra[0]} ({len(extra)} such tensors); "
            "are they of another network?"
        )
    # torchvision's IMAGENET1K_FEATURES are no numbers behind VGG16's features.
    if broken := next((key for key in needed if not state[key].isfinite().all()), None):
        raise InputError(
            f"weights {weights} of {spec.name} are not finite, the first at {broken}; take others"
        )
    return state


def _missing(needed: Sequence[str], own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> list[str]:
    return [key for key in needed if key not in state or state[key].shape != own[key].shape]


def _interpolated(
    backbone: nn.Module, spec: NetworkSpec, state: Mapping[str, Tensor]
) -> Mapping[str, Tensor]:
    """Weights of the same network for another image size, made to fit; unchanged where they are not that."""
    try:
        if isinstance(backbone, VisionTransformer):
            return interpolate_embeddings(backbone.image_size, backbone.patch_size, OrderedDict(state))
        if spec.library == "timm" and spec.image_size is not None:
            return timm.create_model(
                spec.name,
                pretrained=True,
                pretrained_cfg_overlay={"state_dict": dict(state)},
                num_classes=0,
                img_size=spec.image_size,
            ).state_dict()
    # What else the file may hold decides where that fails.
    except (RuntimeError, ValueError, KeyError, IndexError):
        return state
    return state


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


def _fetch_torchvision(spec: NetworkSpec, weights: str) -> Mapping[str, Tensor]:
    logger.info("Fetching weights %s of %s unless they are here already", weights, spec.name)
    # Its auxiliary classifier is not ours; GoogLeNet leaves it out by itself.
    options = {"aux_logits": False} if spec.name == "inception_v3" else {}
    try:
        # Not the bare file: some networks rename what old files call differently.
        return torchvision.models.get_model(spec.name, weights=weights, **options).state_dict()
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"weights {weights} of {spec.name} cannot be fetched ({error}); {WAYS_OUT}"
        ) from None


def _fetch_timm(spec: NetworkSpec, weights: str) -> Mapping[str, Tensor]:
    logger.info("Fetching weights %s of %s unless they are here already", weights, spec.name)
    # It would report each of its attempts, for most of a minute.
    huggingface_hub.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    size = {} if spec.image_size is None else {"img_size": spec.image_size}
    try:
        return timm.create_model(
            f"{spec.name}.{weights}", pretrained=True, num_classes=0, **size
        ).state_dict()
    # The hub's client raises many kinds of errors, of its own and of the libraries below it.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())[:REASON_LENGTH]
        raise InputError(
            f"weights {weights} of {spec.name} cannot be fetched ({reason}); {WAYS_OUT}"
        ) from None
