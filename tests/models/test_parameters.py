"""Which parameters decay, and which are trained at all."""

import pytest
import torch
from torch import nn

from lightning_skin.models.network import NetworkSpec, build_network
from lightning_skin.models.parameters import parameter_groups


@pytest.fixture
def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))


def trainable(network: nn.Module) -> dict[nn.Parameter, float]:
    return {parameter: 1.0 for parameter in network.parameters() if parameter.requires_grad}


def names(network: nn.Module, group: dict[str, list[nn.Parameter]]) -> list[str]:
    by_parameter = {parameter: name for name, parameter in network.named_parameters()}
    return [by_parameter[parameter] for parameter in group["params"]]


def test_biases_and_scales_of_normalisation_have_no_weight_decay(network: nn.Sequential) -> None:
    decayed, undecayed = parameter_groups(trainable(network))
    assert names(network, undecayed) == ["0.bias", "1.weight", "1.bias", "3.bias"]
    assert undecayed["weight_decay"] == 0.0
    assert names(network, decayed) == ["0.weight", "3.weight"]


def test_weights_keep_the_decay_of_the_optimizer(network: nn.Sequential) -> None:
    optimizer = torch.optim.AdamW(parameter_groups(trainable(network)), weight_decay=0.3)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.3, 0.0]


def test_a_step_without_gradients_shrinks_the_weights_alone(network: nn.Sequential) -> None:
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    torch.optim.AdamW(parameter_groups(trainable(network)), lr=0.1, weight_decay=0.5).step()
    factors = {"0.weight": 0.95, "3.weight": 0.95}  # 1 - 0.1 * 0.5
    expected = {name: factors.get(name, 1.0) * value for name, value in before.items()}
    torch.testing.assert_close({name: one.detach() for name, one in network.named_parameters()}, expected)


def test_frozen_parameters_are_left_out(network: nn.Sequential) -> None:
    network[0].requires_grad_(False)
    assert [names(network, group) for group in parameter_groups(trainable(network))] == [
        ["3.weight"],
        ["1.weight", "1.bias", "3.bias"],
    ]


def test_every_trainable_parameter_is_in_exactly_one_group() -> None:
    network = build_network(NetworkSpec("torchvision", "resnet18", 0.0, 8), 3)
    network.train_from("layer4")
    found = [name for group in parameter_groups(trainable(network)) for name in names(network, group)]
    assert sorted(found) == sorted(name for name, one in network.named_parameters() if one.requires_grad)


def test_an_empty_group_is_dropped() -> None:
    (group,) = parameter_groups(trainable(nn.Linear(2, 2, bias=False)))
    assert "weight_decay" not in group
