"""The layer whose feature maps a class activation map weighs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from torch import Tensor, nn

from lightning_skin.errors import InputError
from lightning_skin.explain.forward_trace import ForwardTrace, LayerOutput, trace_forward
from lightning_skin.explain.spatial_layout import map_axes, reshape_to_map, token_grid

# Names that the field gives to what follows the feature maps; SqueezeNet, for one, has maps in there.
FINE_SIDE = 4
"""Of a map, in cells: one of 2 x 2 or 3 x 3 cannot tell a lesion from what surrounds it."""

HEAD_NAMES = frozenset({"classifier", "fc", "head", "head_dist", "heads", "pre_logits"})


@dataclass(frozen=True)
class TargetLayer:
    """A layer that holds spatial feature maps.

    Attributes:
        name: Dotted path of the layer in its network.
        module: The layer.
        reshape: Turns the layer's output into ``(B, K, h, w)``; ``None`` where it is that already. It
            holds for the image size with which the layer was found.
    """

    name: str
    module: nn.Module
    reshape: Callable[[Tensor], Tensor] | None


def find_target_layer(network: nn.Module, images: Tensor) -> TargetLayer:
    """Find the deepest layer whose feature maps still tell where in the image something is.

    That is the last layer to finish of those whose output is a map of at least 4 x 4 (where the network
    has none, of at least 2 x 2) through which all that the logits know of the image passes. In a vision
    transformer it is what the last attention reads (the first normalisation of the last block): past it
    only the class token speaks to the head.

    Args:
        network: Maps images to logits ``(B, C)``; must be in evaluation mode.
        images: Network input ``(B, 3, H, W)``, of which the first image is used.

    Raises:
        ValueError: The network is in training mode.
        InputError: The network has no such layer.
    """
    trace = trace_forward(network, images)
    maps = [output for output in trace.outputs if map_axes(output, trace) and not _is_pooling(output)]
    body = [output for output in maps if HEAD_NAMES.isdisjoint(output.name.split("."))]
    # Where every map lies in a "head", the name means something else in this network.
    whole = [output for output in reversed(body or maps) if trace.depends_only_on(output.node)]
    fine = (output for output in whole if _shorter_side(output, trace) >= FINE_SIDE)
    if not whole:
        height, width = trace.image.shape[2:]
        raise InputError(
            f"no layer of the network holds a map of at least 2 x 2 for images of {width} x {height} px: "
            "explain larger images or another network"
        )
    deepest = next(fine, whole[0])
    layer = _outermost(_last_tokens(trace, deepest, whole[0]) or deepest, trace.outputs)
    return TargetLayer(layer.name, layer.module, reshape_to_map(layer, trace))


def named_target_layer(network: nn.Module, name: str, images: Tensor) -> TargetLayer:
    """Take the layer of that name instead of the one found.

    Args:
        network: Maps images to logits ``(B, C)``; must be in evaluation mode.
        name: Dotted path of the layer, such as ``backbone.layer3``.
        images: Network input ``(B, 3, H, W)``, of which the first image is used to see how the layer
            lays its maps out.

    Raises:
        ValueError: The network is in training mode.
        InputError: There is no such layer, or its output holds no map.
    """
    names = [known for known, _ in network.named_modules() if known]
    if name not in names:
        nearest = [known for known in names if known.endswith(f".{name}")]
        nearest = nearest or get_close_matches(name, names, cutoff=0.4)
        hint = f"did you mean {' or '.join(nearest[:3])}?"
        if not nearest:
            hint = f"name another, such as {find_target_layer(network, images).name}"
        raise InputError(f"the network has no layer {name!r}: {hint}")
    trace = trace_forward(network, images)
    for output in trace.outputs:
        if output.name == name and (map_axes(output, trace) or token_grid(output, trace)):
            return TargetLayer(name, output.module, reshape_to_map(output, trace))
    raise InputError(
        f"layer {name!r} does not put out one map of at least 2 x 2 per image: name another, "
        f"such as {find_target_layer(network, images).name}"
    )


def _last_tokens(trace: ForwardTrace, deepest: LayerOutput, last_map: LayerOutput) -> LayerOutput | None:
    """Return the last tokens after the deepest map that speak to the logits, if there are any.

    Args:
        trace: Of the network.
        deepest: The last map that is fine enough.
        last_map: The last one, however coarse.

    Raises:
        InputError: There are some, but nobody knows which patches they stand for.
    """
    later = trace.outputs[trace.outputs.index(deepest) + 1 :]
    attended = [output for output in later if output.node in trace.attended]
    if attended and token_grid(attended[-1], trace):
        return attended[-1]
    grids = [(output, token_grid(output, trace)) for output in reversed(later)]
    mixed = [(output, grid) for output, grid in grids if grid and trace.depends_only_on(output.node)]
    if attended and not mixed and trace.outputs.index(last_map) > trace.outputs.index(attended[-1]):
        return None  # they were tokens between two maps, as in MobileViT
    if attended and not mixed:
        raise InputError(
            f"the tokens of {attended[-1].name} do not form rows and columns: explain another network"
        )
    # Where tokens were pooled until too few are left, those before are.
    fine = (output for output, grid in mixed if min(grid) >= FINE_SIDE)
    return next(fine, mixed[0][0] if mixed else None)


def _outermost(layer: LayerOutput, outputs: Sequence[LayerOutput]) -> LayerOutput:
    """Return the stage rather than the leaf in it that put out the same tensor."""
    return min((o for o in outputs if o.node is layer.node), key=lambda output: output.name.count("."))


def _shorter_side(output: LayerOutput, trace: ForwardTrace) -> int:
    return min(output.shape[axis] for axis in map_axes(output, trace) or ())


def _is_pooling(output: LayerOutput) -> bool:
    # VGG pools to 7 x 7 whatever the image's size, which invents cells for small images.
    return isinstance(output.module, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d)
