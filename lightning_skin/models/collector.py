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
        log_sum_exp: Of the logits ``(N,)``; of several views their mean.
    """

    indices: Tensor
    labels: Tensor
    probabilities: Tensor
    log_sum_exp: Tensor


class Said(NamedTuple):
    """What a network says of a batch.

    Attributes:
        probabilities: ``(B, C)``, float32, rows sum to 1.
        log_sum_exp: Of the logits ``(B,)``, float32; of several views their mean.
    """

    probabilities: Tensor
    log_sum_exp: Tensor

    @classmethod
    def of_logits(cls, logits: Tensor) -> "Said":
        """From logits ``(B, C)`` of any precision."""
        logits = logits.float()
        return cls(logits.softmax(dim=1), logits.logsumexp(dim=1))


class OutputCollector(Metric):
    """Keeps what the network said of every image; images that a sampler repeated count once."""

    full_state_update = False
    indices: list[Tensor]
    labels: list[Tensor]
    probabilities: list[Tensor]
    log_sum_exp: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        for name in Outputs._fields:
            self.add_state(name, default=[], dist_reduce_fx="cat")

    @override
    def update(self, indices: Tensor, labels: Tensor, said: "Said") -> None:
        self.indices.append(indices)
        self.labels.append(labels)
        self.probabilities.append(said.probabilities)
        self.log_sum_exp.append(said.log_sum_exp)

    def gather(self) -> Outputs:
        """The rows of all batches and processes."""
        indices, labels, probabilities, log_sum_exp = self.compute()
        # torchmetrics takes the axis off a tensor of one element.
        return Outputs(indices.reshape(-1), labels.reshape(-1), probabilities, log_sum_exp.reshape(-1))

    @override
    def compute(self) -> Outputs:
        indices = dim_zero_cat(self.indices)
        # Processes get equally many images, so that the sampler may have repeated some.
        rows, inverse = torch.unique(indices, return_inverse=True)
        first = torch.full_like(rows, len(indices)).scatter_reduce(
            0, inverse, torch.arange(len(indices), device=indices.device), "amin"
        )
        columns = (dim_zero_cat(getattr(self, name))[first].cpu() for name in Outputs._fields[1:])
        return Outputs(rows.cpu(), *columns)
