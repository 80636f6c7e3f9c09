"""Parameters in the groups that an optimizer needs, each with its learning rate."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

from lightning_skin.models.blocks import find_stages
from lightning_skin.models.network import LesionNetwork

BuildOptimizer = Callable[..., Optimizer]
"""From parameter groups, and settings that override its own."""


def lr_factors(
    network: LesionNetwork, head: float = 1.0, decay: float = 1.0, stages: int = 1
) -> dict[nn.Parameter, float]:
    """What multiplies the learning rate of each parameter that is trained.

    Layer-wise decay (Bao et al., "BEiT", ICLR 2022, appendix H; Liu et al., ConvNeXt, CVPR 2022, appendix
    A.2): a stage learns ``decay`` times as fast as the one behind it, the last one ``decay`` times as fast as
    the optimizer says.

    Args:
        network: Those of its parameters that require gradients are trained.
        head: Of the head.
        decay: From a stage to the one before it, in (0, 1].
        stages: Into which the backbone is divided.
    """
    factors = dict.fromkeys(network.parameters(), head)
    for depth, stage in enumerate(reversed(find_stages(network.backbone, stages)), start=1):
        factors |= {one: decay**depth for block in stage for one in block.parameters}
    return {parameter: factor for parameter, factor in factors.items() if parameter.requires_grad}


def parameter_groups(factors: Mapping[nn.Parameter, float]) -> list[dict[str, Any]]:
    """Groups of one factor each, the highest first, and without weight decay apart: biases and scales.

    Decaying biases and the scales of normalisation layers does not regularise but changes the effective
    learning rate of the layer (He et al., "Bag of Tricks", CVPR 2019, section 3.1).

    Args:
        factors: What multiplies the learning rate of each parameter.
    """
    groups: defaultdict[tuple[float, bool], list[nn.Parameter]] = defaultdict(list)
    for parameter, factor in factors.items():
        groups[factor, parameter.ndim > 1].append(parameter)
    return [
        {"params": parameters, "lr_factor": factor} | ({} if decays else {"weight_decay": 0.0})
        for (factor, decays), parameters in sorted(groups.items(), key=lambda one: one[0], reverse=True)
    ]


def build_scaled(build: BuildOptimizer, factors: Mapping[nn.Parameter, float]) -> Optimizer:
    """Build an optimizer whose groups learn at their multiples of its rate.

    Args:
        build: From parameter groups.
        factors: What multiplies the learning rate of each parameter.
    """
    optimizer = build(parameter_groups(factors))
    for group in optimizer.param_groups:
        group["lr"] *= group.pop("lr_factor")
    return optimizer
