"""Age, sex and site beside the image features of a network."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from typing_extensions import override


class MetadataBranch(nn.Module):
    """A small network for metadata that may be missing, feature by feature.

    The last number of a feature's block is 1, and the others are 0, where it is missing. In training each
    feature of each image is taken for missing with a probability, so that the network can do without it, and
    does not lean on metadata alone.

    Args:
        widths: Numbers in the block of each feature.
        dropout: That probability, in [0, 1).
        features: Width of the output.
    """

    def __init__(self, widths: Sequence[int], dropout: float, features: int = 32) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.dropout = dropout
        self.features = features
        self.layers = nn.Sequential(
            nn.Linear(sum(widths), features), nn.ReLU(), nn.Linear(features, features), nn.ReLU()
        )
        missing = torch.cat([torch.eye(width)[-1] for width in self.widths])
        block = torch.repeat_interleave(torch.arange(len(self.widths)), torch.tensor(self.widths))
        self.register_buffer("missing", missing, persistent=False)
        self.register_buffer("block", block, persistent=False)

    @override
    def forward(self, metadata: Tensor | None, images: int) -> Tensor:
        """Features ``(B, features)`` of metadata ``(B, sum(widths))``; ``None`` is all missing."""
        missing = self.get_buffer("missing")
        if metadata is None:
            return self.layers(missing.expand(images, -1))
        if self.training and self.dropout > 0:
            dropped = torch.rand(images, len(self.widths), device=metadata.device) < self.dropout
            metadata = torch.where(dropped[:, self.get_buffer("block")], missing, metadata)
        return self.layers(metadata)
