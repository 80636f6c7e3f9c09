"""Which parameters decay, and which are trained at all."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD

from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network
from lightning_skin.models.parameters import build_scaled, lr_factors, parameter_groups
from lightning_skin.models.schedules import Schedule, one_cycle, warmup_cosine


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


@pytest.fixture
def deep() -> LesionNetwork:
    """Four layers of the backbone, and a head."""
    return LesionNetwork(nn.Sequential(*(nn.Linear(2, 2) for _ in range(4))), nn.Linear(2, 3))


def test_rates_fall_from_the_head_to_the_first_stage(deep: LesionNetwork) -> None:
    factors = lr_factors(deep, head=10.0, decay=0.5, stages=2)
    assert list(factors.values()) == [0.25] * 4 + [0.5] * 4 + [10.0] * 2
    assert list(factors) == list(deep.parameters())


def test_the_decay_over_twelve_stages_of_a_resnet50_is_that_of_its_depth() -> None:
    network = build_network(NetworkSpec("torchvision", "resnet50", 0.0, None), 2)
    factors = lr_factors(network, decay=0.8, stages=12)
    parameters = dict(network.named_parameters())
    # 17 blocks: the last stage is layer4.1 and layer4.2, the first one the stem alone.
    for name, depth in {"backbone.layer4.2.conv1.weight": 1, "backbone.layer4.1.bn1.bias": 1}.items():
        assert factors[parameters[name]] == pytest.approx(0.8**depth)
    assert factors[parameters["backbone.conv1.weight"]] == pytest.approx(0.8**12)
    assert factors[parameters["head.1.weight"]] == 1.0


def test_frozen_parameters_have_no_rate(deep: LesionNetwork) -> None:
    deep.train_from("3")
    assert list(lr_factors(deep, decay=0.5, stages=4).values()) == [0.5, 0.5, 1.0, 1.0]


def test_one_rate_for_all_makes_no_more_groups_than_weight_decay_needs(deep: LesionNetwork) -> None:
    assert len(parameter_groups(lr_factors(deep))) == 2


def test_an_optimizer_learns_at_its_multiples_of_the_rate(deep: LesionNetwork) -> None:
    optimizer = build_scaled(partial(SGD, lr=0.2), lr_factors(deep, head=10.0, decay=0.5, stages=2))
    assert [group["lr"] for group in optimizer.param_groups] == [2.0, 2.0, 0.1, 0.1, 0.05, 0.05]
    assert not any("lr_factor" in group for group in optimizer.param_groups)


@pytest.mark.parametrize("schedule", [warmup_cosine, one_cycle])
def test_schedules_keep_the_ratio_of_the_rates(schedule: Schedule, deep: LesionNetwork) -> None:
    optimizer = build_scaled(partial(SGD, lr=0.2, momentum=0.9), lr_factors(deep, head=4.0))
    scheduler: Any = schedule(optimizer, 10, warmup=0.2)["scheduler"]  # type: ignore[call-arg]
    for _ in range(9):
        head, _, backbone, _ = (group["lr"] for group in optimizer.param_groups)
        assert head == pytest.approx(4 * backbone)
        optimizer.step()
        scheduler.step()
