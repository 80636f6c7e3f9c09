"""The images that a network is made for, and whether it can take others."""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import timm
import torch
import torchvision

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network

# A network that is handed a size it was not made for fails wherever it happens to notice.
UNFIT = (RuntimeError, ValueError, AssertionError, TypeError, ZeroDivisionError, IndexError)
TRIALS = 8  # sizes that are tried before the one of the authors is named
# Their weights expect other values, which torchvision would hide in the network.
INCEPTION = ("googlenet", "inception_v3")


class NetworkInput(NamedTuple):
    """Images as a network wants them.

    Attributes:
        image_size: Side, in pixels.
        mean: Subtracted from RGB in [0, 1].
        std: Divides what is left.
    """

    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def own_input(library: str, name: str, weights: str | None) -> NetworkInput:
    """The images that a network was trained on by its authors.

    Args:
        library: ``torchvision`` or ``timm``.
        name: Of a network in that library.
        weights: By name; for ``None`` or a file those that the library takes if none are named.
    """
    if library == "timm":
        tagged = f"{name}.{weights}"
        config = timm.get_pretrained_cfg(tagged if tagged in timm.list_pretrained(f"{name}.*") else name)
        return NetworkInput(min(config.input_size[1:]), tuple(config.mean), tuple(config.std))
    known = torchvision.models.get_model_weights(name).__members__
    transforms = known[weights if weights in known else "DEFAULT"].transforms()
    if name in INCEPTION:
        return NetworkInput(transforms.crop_size[0], (0.5,) * 3, (0.5,) * 3)
    return NetworkInput(transforms.crop_size[0], tuple(transforms.mean), tuple(transforms.std))


def made_for(spec: NetworkSpec, image_size: int) -> NetworkSpec:
    """The network as it has to be built for images of that size.

    Args:
        spec: A network.
        image_size: Side of the images, in pixels.

    Returns:
        ``spec`` as it is where it takes such images, otherwise with their size.

    Raises:
        InputError: There is no such network, or it cannot take such images; names a size that it can.
    """
    bare = NetworkSpec(spec.library, spec.name, 0.0, None, spec.stem)
    fitting = _fitting(bare, image_size)
    if fitting is not None:
        return replace(spec, image_size=fitting.image_size)
    own = own_input(spec.library, spec.name, None).image_size
    # Networks of fixed patches or windows take multiples of 14, 16 or 32.
    larger = sorted({side for step in (14, 16, 32) for side in range(step, own, step) if side > image_size})
    near = next((side for side in larger[:TRIALS] if _fitting(bare, side) is not None), None)
    sizes = f"{near} or {own}" if near else str(own)
    raise InputError(
        f"{spec.name} cannot take images of {image_size} x {image_size} px; "
        f"set data.image_size={sizes}, or another network"
    )


def build_shapes(spec: NetworkSpec, num_classes: int) -> LesionNetwork:
    """The network without any values: it only knows its shapes, and is there at once.

    Raises:
        InputError: There is no such network.
    """
    # What is tried must not move what is drawn later.
    with torch.random.fork_rng(devices=[]):
        try:
            with torch.device("meta"):
                return build_network(spec, num_classes)
        # RegNet computes its widths with tensors, which have no values there.
        except RuntimeError:
            return build_network(spec, num_classes).to("meta")


@cache
def _fitting(spec: NetworkSpec, image_size: int) -> NetworkSpec | None:
    for candidate in (spec, replace(spec, image_size=image_size)):
        try:
            with torch.no_grad():
                build_shapes(candidate, 2).eval()(torch.zeros(1, 3, image_size, image_size, device="meta"))
        except UNFIT:
            continue
        return candidate
    return None
