"""Networks from the registry, their heads, and what is frozen of them."""

import pytest
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network

NETWORKS = [
    ("torchvision", "resnet18"),
    ("torchvision", "resnet50"),
    ("torchvision", "efficientnet_b0"),
    ("torchvision", "convnext_tiny"),
    ("timm", "resnet26d"),
]
IMAGES = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("library", "name"), NETWORKS)
@pytest.mark.parametrize("hidden", [None, 8])
def test_every_network_of_the_config_group_gives_logits(library: str, name: str, hidden: int | None) -> None:
    network = build_network(NetworkSpec(library, name, 0.1, hidden), 5).eval()
    with torch.no_grad():
        assert network(IMAGES).shape == (2, 5)


@pytest.fixture
def network() -> LesionNetwork:
    return build_network(NetworkSpec("torchvision", "resnet18", 0.0, None), 3)


def trainable(network: LesionNetwork) -> set[str]:
    return {name.split(".")[1] for name, one in network.named_parameters() if one.requires_grad}


def test_training_from_a_stage_freezes_what_lies_before_it(network: LesionNetwork) -> None:
    network.train_from("layer4")
    assert trainable(network) == {"layer4", "1"}


def test_training_the_head_freezes_the_backbone(network: LesionNetwork) -> None:
    network.train_from("head")
    assert not any(one.requires_grad for one in network.backbone.parameters())
    assert all(one.requires_grad for one in network.head.parameters())


@pytest.mark.parametrize(
    ("name", "start", "first"),
    [
        ("convnext_tiny", "features.7", "backbone.features.7"),
        ("vit_b_16", "head", "head"),
        ("swin_t", "head", "head"),
    ],
)
def test_nothing_before_the_start_is_trained_wherever_its_parameters_are_held(
    name: str, start: str, first: str
) -> None:
    network = build_network(NetworkSpec("torchvision", name, 0.0, None), 3)
    network.train_from(start)
    names = [name for name, _ in network.named_parameters()]
    behind = names[next(row for row, name in enumerate(names) if name.startswith(f"{first}.")) :]
    assert [name for name, one in network.named_parameters() if one.requires_grad] == behind


def test_frozen_parts_evaluate_from_the_start(network: LesionNetwork) -> None:
    network.train_from("layer4")
    modes = {name: part.training for name, part in network.backbone.named_children()}
    assert modes == {name: name in {"layer4", "avgpool", "fc"} for name in modes}


def test_batch_norm_of_a_frozen_stage_neither_uses_nor_updates_batch_statistics(
    network: LesionNetwork,
) -> None:
    network.train_from("layer4")
    network.train()
    before = network.backbone.get_submodule("bn1").state_dict()["running_mean"].clone()
    live = network.backbone.get_submodule("layer4.0.bn1").state_dict()["running_mean"].clone()
    network(IMAGES)
    torch.testing.assert_close(network.backbone.get_submodule("bn1").state_dict()["running_mean"], before)
    assert not torch.equal(network.backbone.get_submodule("layer4.0.bn1").state_dict()["running_mean"], live)


def test_an_unknown_stage_gets_a_suggestion(network: LesionNetwork) -> None:
    with pytest.raises(InputError, match=r"did you mean layer4\?"):
        network.train_from("layer5")
