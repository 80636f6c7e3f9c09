"""The stem for small images: what it changes, and who cannot have it."""

import pytest
import torch
from torch import Tensor, nn

from lightning_skin.errors import InputError
from lightning_skin.models.network import NetworkSpec, build_network


def sides_of_stages(library: str, name: str, stem: str, side: int) -> list[int]:
    with torch.device("meta"):
        network = build_network(NetworkSpec(library, name, 0.0, None, stem), 3).eval()
        images = torch.zeros(1, 3, side, side)
    sides: list[int] = []

    def note(_module: nn.Module, _args: object, output: Tensor) -> None:
        sides.append(output.shape[-1])

    for stage in range(1, 5):
        network.backbone.get_submodule(f"layer{stage}").register_forward_hook(note)
    assert network(images).shape == (1, 3)
    return sides


@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("torchvision", "resnet18"),
        ("torchvision", "resnext50_32x4d"),
        ("torchvision", "wide_resnet50_2"),
        ("timm", "resnet18"),
        ("timm", "resnet26d"),  # three convolutions in its stem
        ("timm", "seresnext26t_32x4d"),
    ],
)
def test_the_small_stem_keeps_the_sides_of_the_image(library: str, name: str) -> None:
    assert sides_of_stages(library, name, "standard", 32) == [8, 4, 2, 1]
    assert sides_of_stages(library, name, "small", 32) == [32, 16, 8, 4]


@pytest.mark.parametrize(("library", "name"), [("torchvision", "convnext_tiny"), ("timm", "regnetx_002")])
def test_the_small_stem_of_another_network_is_refused(library: str, name: str) -> None:
    with torch.device("meta"), pytest.raises(InputError, match=f"small, which {name} cannot have: take a"):
        build_network(NetworkSpec(library, name, 0.0, None, "small"), 3)


def test_an_unknown_stem_is_refused() -> None:
    spec = NetworkSpec("torchvision", "resnet18", 0.0, None, "tiny")
    with torch.device("meta"), pytest.raises(InputError, match=r"model\.stem is tiny, expected standard or"):
        build_network(spec, 3)


def test_the_small_stem_starts_at_the_scale_of_the_others() -> None:
    network = build_network(NetworkSpec("torchvision", "resnet18", 0.0, None, "small"), 3)
    weight = network.backbone.get_submodule("conv1").weight
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
