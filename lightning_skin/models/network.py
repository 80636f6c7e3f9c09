"""Networks from a closed registry: a torchvision or timm backbone and a head of our own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Self

import timm
import torch
import torchvision
from torch import Tensor, nn
from typing_extensions import override

from lightning_skin.errors import InputError
from lightning_skin.models.metadata_branch import MetadataBranch


@dataclass(frozen=True)
class NetworkSpec:
    """All it takes to build a network again: plain values, never code.

    Attributes:
        library: ``torchvision`` or ``timm``.
        name: Of the network in that library.
        dropout: Share of the features that the head drops in training, in [0, 1).
        hidden: Width of a hidden layer in the head; ``None`` for none.
        metadata: Numbers in the block of each feature of the metadata; empty without metadata.
        metadata_dropout: Share of them that is taken for missing in training, in [0, 1).
    """

    library: str
    name: str
    dropout: float
    hidden: int | None
    metadata: tuple[int, ...] = ()
    metadata_dropout: float = 0.0

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "NetworkSpec":
        """Rebuild what ``to_dict`` described.

        Raises:
            InputError: ``stored`` is not such a description.
        """
        try:
            hidden = None if stored["hidden"] is None else int(stored["hidden"])
            # Older checkpoints know nothing of metadata.
            widths = tuple(int(width) for width in stored.get("metadata", ()))
            return cls(
                str(stored["library"]),
                str(stored["name"]),
                float(stored["dropout"]),
                hidden,
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
        features = self.backbone(images)
        if self.metadata is not None:
            features = torch.cat([features, self.metadata(metadata, len(images))], dim=1)
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
        InputError: The registry has no such network, or it does not end in a linear layer.
    """
    if spec.library not in _BUILDERS:
        raise InputError(f"model.library is {spec.library}, expected {' or '.join(_BUILDERS)}")
    names, build = _BUILDERS[spec.library]
    if spec.name not in names():
        near = get_close_matches(spec.name, names(), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InputError(f"{spec.library} has no classifier named {spec.name}{hint}")
    backbone, width = build(spec.name)
    if not spec.metadata:
        return LesionNetwork(backbone, _head(width, num_classes, spec))
    branch = MetadataBranch(spec.metadata, spec.metadata_dropout)
    return LesionNetwork(backbone, _head(width + branch.features, num_classes, spec), branch)


def check_input(network: LesionNetwork, name: str, image_size: int) -> None:
    """Try the network on a blank image.

    Raises:
        InputError: It cannot take images of that size: they are too small, or it wants another one.
    """
    mode = network.training
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, 3, image_size, image_size))
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{name} cannot take images of {image_size} x {image_size} px ({reason}); "
            "set another data.image_size or another network"
        ) from None
    finally:
        network.train(mode)


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


def _torchvision_names() -> list[str]:
    # These return a tuple in training or end in a convolution.
    odd = {"googlenet", "inception_v3", "squeezenet1_0", "squeezenet1_1"}
    return sorted(set(torchvision.models.list_models(module=torchvision.models)) - odd)


def _torchvision_backbone(name: str) -> tuple[nn.Module, int]:
    network = torchvision.models.get_model(name, weights=None)
    path, last = [(path, part) for path, part in network.named_modules() if isinstance(part, nn.Linear)][-1]
    network.set_submodule(path, nn.Identity())
    return network, last.in_features


def _timm_backbone(name: str) -> tuple[nn.Module, int]:
    network = timm.create_model(name, pretrained=False)
    last = network.get_classifier()
    if not isinstance(last, nn.Linear):
        raise InputError(f"the timm network {name} does not end in a linear layer, expected one that does")
    network.reset_classifier(0)
    return network, last.in_features


_BUILDERS = {
    "torchvision": (_torchvision_names, _torchvision_backbone),
    "timm": (timm.list_models, _timm_backbone),
}
