"""The backbone as a row of blocks, from the first to the one before the head."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from torch import nn

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


@dataclass
class Block:
    """What lies at one depth of a backbone.

    Attributes:
        name: Dotted name of its first part.
        modules: Its parts.
        parameters: Of its parts, and those that belong to no part.
    """

    name: str
    modules: list[nn.Module] = field(default_factory=list)
    parameters: list[nn.Parameter] = field(default_factory=list)


def find_blocks(backbone: nn.Module) -> list[Block]:
    """The blocks of a backbone of torchvision or timm, in the order in which they were registered.

    Containers and parts that hold repeated blocks are opened; what is found in them counts as one block: a
    residual block, a transformer layer, a convolution. A normalisation layer on its own belongs to the block
    before it, and tokens and position embeddings to the first one. A few networks of timm (CoAT, Twins)
    register parts in another order than they use them.
    """
    blocks: list[Block] = []
    loose = list(backbone.parameters(recurse=False))
    _collect(backbone, "", blocks, loose)
    if loose:
        blocks = blocks or [Block("")]
        blocks[0].parameters[:0] = loose
    return blocks


def find_stages(backbone: nn.Module, count: int) -> list[list[Block]]:
    """The blocks in at most ``count`` stages of equal numbers of blocks, give or take one.

    Every network then has about the same depth, as in the recipe of ConvNeXt (Liu et al., CVPR 2022, appendix
    A.2), whose learning rates decay over 12 stages however many blocks there are.
    """
    blocks = find_blocks(backbone)
    count = max(1, min(count, len(blocks)))
    bounds = [len(blocks) * stage // count for stage in range(count + 1)]
    return [blocks[start:end] for start, end in pairwise(bounds)]


def _collect(module: nn.Module, prefix: str, blocks: list[Block], loose: list[nn.Parameter]) -> None:
    for name, part in module.named_children():
        path = f"{prefix}{name}"
        if isinstance(part, CONTAINERS) or _holds_blocks(part):
            loose += part.parameters(recurse=False)
            _collect(part, f"{path}.", blocks, loose)
            continue
        parameters = list(part.parameters())
        has_weights = any(parameter.ndim > 1 for parameter in parameters)
        if not blocks or (has_weights and any(one.ndim > 1 for one in blocks[-1].parameters)):
            blocks.append(Block(path))
        blocks[-1].modules.append(part)
        blocks[-1].parameters += parameters


def _holds_blocks(module: nn.Module) -> bool:
    """Whether something in it is a row of parts of one kind that have parts of parts, as blocks do."""
    rows = (part for part in module.modules() if isinstance(part, CONTAINERS))
    kinds = (Counter(type(part) for part in row.children() if _is_deep(part)) for row in rows)
    return any(count > 1 for counts in kinds for count in counts.values())


def _is_deep(module: nn.Module) -> bool:
    return any(next(part.children(), None) is not None for part in module.children())
