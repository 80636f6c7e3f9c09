"""Outputs of an evaluation loop, gathered over batches and processes."""

from typing import NamedTuple

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat
from typing_extensions import override


class Outputs(NamedTuple):
    """One row an image, in the order of the split's table.

    Attributes:
        indices: Row of the split's table ``(N,)``.
        labels: Class index ``(N,)``.
        probabilities: ``(N, C)``, rows sum to 1.
    """

    indices: Tensor
    labels: Tensor
    probabilities: Tensor


class OutputCollector(Metric):
    """Keeps what the network said of every image; images that a sampler repeated count once."""

    full_state_update = False
    indices: list[Tensor]
    labels: list[Tensor]
    probabilities: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        for name in Outputs._fields:
            self.add_state(name, default=[], dist_reduce_fx="cat")

    @override
    def update(self, indices: Tensor, labels: Tensor, probabilities: Tensor) -> None:
        self.indices.append(indices)
        self.labels.append(labels)
        self.probabilities.append(probabilities)

    def gather(self) -> Outputs:
        """The rows of all batches and processes."""
        indices, labels, probabilities = self.compute()
        # torchmetrics takes the axis off a tensor of one element.
        return Outputs(indices.reshape(-1), labels.reshape(-1), probabilities)

    @override
    def compute(self) -> Outputs:
        indices = dim_zero_cat(self.indices)
        # Processes get equally many images, so that the sampler may have repeated some.
        rows, inverse = torch.unique(indices, return_inverse=True)
        first = torch.full_like(rows, len(indices)).scatter_reduce(
            0, inverse, torch.arange(len(indices), device=indices.device), "amin"
        )
        labels, probabilities = dim_zero_cat(self.labels), dim_zero_cat(self.probabilities)
        return Outputs(rows.cpu(), labels[first].cpu(), probabilities[first].cpu())
