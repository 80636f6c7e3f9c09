"""Parameters in the groups that an optimizer needs."""

from collections.abc import Iterable
from typing import Any

from torch import nn


def parameter_groups(network: nn.Module) -> list[dict[str, Any]]:
    """Trainable parameters, those without weight decay apart: biases and the scales of normalisation layers.

    Decaying them does not regularise but changes the effective learning rate of the layer (He et al., "Bag
    of Tricks", CVPR 2019, section 3.1).
    """
    trainable = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups: Iterable[dict[str, Any]] = (
        {"params": [parameter for parameter in trainable if parameter.ndim > 1]},
        {"params": [parameter for parameter in trainable if parameter.ndim <= 1], "weight_decay": 0.0},
    )
    return [group for group in groups if group["params"]]
