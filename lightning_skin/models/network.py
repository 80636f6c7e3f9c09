"""Networks from a closed registry: a torchvision or timm backbone and a head of our own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Self

import torch
from torch import Tensor, nn
from typing_extensions import override

from lightning_skin.errors import InputError
from lightning_skin.models.backbone import build_backbone
from lightning_skin.models.metadata_branch import MetadataBranch
from lightning_skin.models.stem import set_stem


@dataclass(frozen=True)
class NetworkSpec:
    """All it takes to build a network again: plain values, never code.

    Attributes:
        library: ``torchvision`` or ``timm``.
        name: Of the network in that library.
        dropout: Share of the features that the head drops in training, in [0, 1).
        hidden: Width of a hidden layer in the head; ``None`` for none.
        stem: ``standard``, or ``small`` for a ResNet on small images.
        image_size: Side of the images that a network of fixed size is built for; ``None`` for the size of
            its authors, and for networks that take any.
        metadata: Numbers in the block of each feature of the metadata; empty without metadata.
        metadata_dropout: Share of them that is taken for missing in training, in [0, 1).
    """

    library: str
    name: str
    dropout: float
    hidden: int | None
    stem: str = "standard"
    image_size: int | None = None
    metadata: tuple[int, ...] = ()
    metadata_dropout: float = 0.0

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "NetworkSpec":
        """Rebuild what ``to_dict`` described.

        Raises:
            InputError: ``stored`` is not such a description.
        """
        try:
            # Older checkpoints know of neither stems, sizes nor metadata.
            hidden, size = (
                None if value is None else int(value)
                for value in (stored["hidden"], stored.get("image_size"))
            )
            widths = tuple(int(width) for width in stored.get("metadata", ()))
            return cls(
                str(stored["library"]),
                str(stored["name"]),
                float(stored["dropout"]),
                hidden,
                str(stored.get("stem", "standard")),
                size,
                widths,
                float(stored.get("metadata_dropout", 0.0)),
            )
        except (KeyError, TypeError, ValueError):
            raise InputError(f"the checkpoint's network {stored!r} is not one of ours") from None

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python, for a checkpoint."""
        return {**asdict(self), "metadata": list(self.metadata)}


class LesionNetwork(nn.Module):
    """A backbone and a classification head.

    Modules named in ``frozen`` stay in evaluation mode: batch norm of a frozen stage must neither use
    nor update batch statistics.

    Args:
        backbone: Maps images ``(B, 3, H, W)`` to features ``(B, D)``.
        head: Maps features, of images and metadata, to logits ``(B, C)``.
        metadata: Maps metadata to more features; ``None`` for none.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, metadata: MetadataBranch | None = None) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.metadata = metadata
        self.frozen: tuple[nn.Module, ...] = ()

    @override
    def forward(self, images: Tensor, metadata: Tensor | None = None) -> Tensor:
        return self.classify(self.backbone(images), metadata)

    def classify(self, features: Tensor, metadata: Tensor | None = None) -> Tensor:
        """Logits ``(B, C)`` of features ``(B, D)``, and of metadata ``(B, M)`` if it takes any."""
        if self.metadata is not None:
            features = torch.cat([features, self.metadata(metadata, len(features))], dim=1)
        return self.head(features)

    @override
    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for module in self.frozen:
            module.train(False)
        return self

    def train_from(self, start: str | None) -> None:
        """Freeze everything before a part of the network.

        Args:
            start: ``None`` trains everything, ``head`` only the head, the dotted name of a part of the
                backbone (``layer3``, ``features.6``) that part and all behind it.

        Raises:
            InputError: The backbone has no such part.
        """
        if start is None:
            return
        parts = dict(self.backbone.named_modules())
        if start != "head" and start not in parts:
            stages = [
                name
                for name, part in parts.items()
                if name.count(".") < 2 and next(part.parameters(), None) is not None
            ]
            near = get_close_matches(start, stages, n=1)
            hint = (
                f"; did you mean {near[0]}?"
                if near
                else f", expected head or one of {', '.join(stages[1:13])}"
            )
            raise InputError(f"model.train_from is {start}, which the network does not have{hint}")
        before = [self.backbone] if start == "head" else _parts_before(start, parts)
        for part in before:
            part.requires_grad_(False)
        self.frozen = tuple(before)
        # Lightning leaves the modes of the parts as it finds them.
        self.train(self.training)


def _parts_before(start: str, parts: Mapping[str, nn.Module]) -> list[nn.Module]:
    """Modules registered before ``start``; those around it give up only the parameters of their own."""
    before = []
    for name, part in parts.items():
        if name == start:
            break
        if name == "" or start.startswith(f"{name}."):
            for parameter in part.parameters(recurse=False):
                parameter.requires_grad_(False)
        else:
            before.append(part)
    return before


def build_network(spec: NetworkSpec, num_classes: int) -> LesionNetwork:
    """A network with random weights.

    Raises:
        InputError: There is no such network, or it cannot have that stem.
        TypeError: The network cannot be built for that image size.
    """
    backbone, width = build_backbone(spec.library, spec.name, spec.image_size)
    set_stem(backbone, spec.name, spec.stem)
    if not spec.metadata:
        return LesionNetwork(backbone, _head(width, num_classes, spec))
    branch = MetadataBranch(spec.metadata, spec.metadata_dropout)
    return LesionNetwork(backbone, _head(width + branch.features, num_classes, spec), branch)


def _head(width: int, num_classes: int, spec: NetworkSpec) -> nn.Sequential:
    if spec.hidden is None:
        return nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(width, num_classes))
    return nn.Sequential(
        nn.Dropout(spec.dropout),
        nn.Linear(width, spec.hidden),
        nn.ReLU(),
        nn.Dropout(spec.dropout),
        nn.Linear(spec.hidden, num_classes),
    )
