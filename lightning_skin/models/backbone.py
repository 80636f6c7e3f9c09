"""Backbones of torchvision and timm, their classification layers taken off."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import timm
import torchvision
from torch import nn

from lightning_skin.errors import InputError

# Auxiliary classifiers would make the output of training a tuple.
PLAIN: Mapping[str, Mapping[str, Any]] = {
    name: {"aux_logits": False, "init_weights": True} for name in ("googlenet", "inception_v3")
}


def build_backbone(library: str, name: str, image_size: int | None) -> tuple[nn.Module, int]:
    """A backbone with random weights, and the number of its features.

    Args:
        library: ``torchvision`` or ``timm``.
        name: Of the network in that library.
        image_size: Side of the images that a network of fixed size is built for; ``None`` for the one of
            its authors, and for networks that take any size.

    Raises:
        InputError: There is no such network, or it is no classifier of RGB images.
        TypeError: The network cannot be built for another size.
    """
    if library not in _LIBRARIES:
        raise InputError(f"model.library is {library}, expected {' or '.join(_LIBRARIES)}")
    names, build = _LIBRARIES[library]
    _require_known(library, name, names())
    return build(name, image_size)


def _require_known(library: str, name: str, known: list[str]) -> None:
    if name in known:
        return
    plain, _, tag = name.partition(".")
    if library == "timm" and plain in known:
        raise InputError(f"model.name is {name}, expected model.name={plain} model.weights={tag}")
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise InputError(f"{library} has no classifier named {name}{hint}")


def _torchvision_names() -> list[str]:
    return torchvision.models.list_models(module=torchvision.models)


def _torchvision_backbone(name: str, image_size: int | None) -> tuple[nn.Module, int]:
    size: dict[str, Any] = {}
    if image_size is not None:
        size = {"input_size": (image_size,) * 2} if name == "maxvit_t" else {"image_size": image_size}
    network = torchvision.models.get_model(name, weights=None, **PLAIN.get(name, {}), **size)
    parts = list(network.named_modules())
    linear = [(path, part.in_features) for path, part in parts if isinstance(part, nn.Linear)]
    # SqueezeNet classifies by a convolution.
    convolutions = [(path, part.in_channels) for path, part in parts if isinstance(part, nn.Conv2d)]
    path, width = (linear or convolutions)[-1]
    network.set_submodule(path, nn.Identity())
    return network, width


def _timm_backbone(name: str, image_size: int | None) -> tuple[nn.Module, int]:
    size = {} if image_size is None else {"img_size": image_size}
    network = timm.create_model(name, pretrained=False, **size)
    if not hasattr(network, "reset_classifier"):
        raise InputError(f"the timm network {name} is no classifier, expected one")
    last = network.get_classifier()
    network.reset_classifier(0)
    return network, last.in_features if isinstance(last, nn.Linear) else network.head_hidden_size


_LIBRARIES: Mapping[
    str, tuple[Callable[[], list[str]], Callable[[str, int | None], tuple[nn.Module, int]]]
] = {
    "torchvision": (_torchvision_names, _torchvision_backbone),
    "timm": (timm.list_models, _timm_backbone),
}
