"""What each layer of a network put out, and which of them the prediction depends on entirely."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node


@dataclass(frozen=True, eq=False)
class LayerOutput:
    """One tensor that a layer put out.

    Attributes:
        name: Dotted path of the layer in its network.
        module: The layer.
        shape: Shape of the tensor, for one image.
        node: Where the tensor stands in the graph of the computation; layers that pass the same tensor
            on have the same node.
    """

    name: str
    module: nn.Module
    shape: torch.Size
    node: Node


@dataclass
class ForwardTrace:
    """One forward pass of one image.

    Attributes:
        image: The image ``(1, 3, H, W)``.
        outputs: Outputs of all layers called exactly once, in the order in which the layers finished.
        attended: Token sequences ``(1, N, D)`` that an attention layer read.
        logits: What the network put out.
    """

    image: Tensor
    outputs: list[LayerOutput] = field(default_factory=list)
    attended: list[Node] = field(default_factory=list)
    logits: Tensor = field(init=False)

    def depends_only_on(self, node: Node) -> bool:
        """Say whether all that the logits know of the image came through ``node``.

        It is false for the branch beside a residual connection, whose map tells a part of the story.
        """
        pending, seen = [self.logits.grad_fn], {node}
        while pending:
            current = pending.pop()
            if current is None or current in seen:
                continue
            seen.add(current)
            if getattr(current, "variable", None) is self.image:
                return False
            pending.extend(source for source, _ in current.next_functions)
        return True


def trace_forward(network: nn.Module, images: Tensor) -> ForwardTrace:
    """Run the first image through the network and note what each layer puts out.

    Args:
        network: Maps images to logits ``(B, C)``; must be in evaluation mode. It is left as it was.
        images: Network input ``(B, 3, H, W)``.

    Raises:
        ValueError: The network cannot be explained (see :func:`require_explainable`).
    """
    require_explainable(network)
    with torch.inference_mode(False), torch.enable_grad(), ExitStack() as hooks:
        trace = ForwardTrace(images[:1].detach().clone().requires_grad_())
        for name, module in network.named_modules():
            hooks.callback(module.register_forward_hook(_Recorder(trace, name)).remove)
            if _is_attention(module):
                hooks.callback(module.register_forward_pre_hook(_AttentionRecorder(trace)).remove)
        trace.logits = network(trace.image)
    calls = Counter(output.name for output in trace.outputs)
    # A layer used twice has two maps, and nobody could tell which one is meant.
    trace.outputs = [output for output in trace.outputs if calls[output.name] == 1]
    return trace


def require_explainable(network: nn.Module) -> None:
    """Refuse a network whose maps would be wrong or could not be computed.

    Raises:
        ValueError: A part of the network is in training mode, where batch statistics would make one
            image's map depend on the others; or its weights were created under
            ``torch.inference_mode``, so that no gradient can pass them.
    """
    for name, module in network.named_modules():
        if module.training:
            raise ValueError(f"{name or 'the network'} is in training mode, expected network.eval()")
    for name, parameter in network.named_parameters():
        if parameter.is_inference():
            raise ValueError(f"{name} was created under torch.inference_mode, expected it created outside")


@dataclass(frozen=True)
class _Recorder:
    trace: ForwardTrace
    name: str

    def __call__(self, module: nn.Module, args: tuple[Any, ...], output: object) -> None:
        del args
        if self.name and isinstance(output, Tensor) and output.grad_fn is not None:
            self.trace.outputs.append(LayerOutput(self.name, module, output.shape, output.grad_fn))


@dataclass(frozen=True)
class _AttentionRecorder:
    trace: ForwardTrace

    def __call__(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        del module
        for tokens in args[:1]:
            if isinstance(tokens, Tensor) and tokens.ndim == 3 and tokens.grad_fn is not None:
                self.trace.attended.append(tokens.grad_fn)


def _is_attention(module: nn.Module) -> bool:
    kind = type(module).__name__.lower()
    return "attention" in kind or "attn" in kind
