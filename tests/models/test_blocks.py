"""In which order the parts of a backbone come, whatever library it is from."""

import pytest
import timm
import torch
import torchvision
from timm.models._manipulate import group_parameters
from torch import nn

from lightning_skin.models.blocks import find_blocks, find_stages


def torchvision_backbone(name: str) -> nn.Module:
    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None)


def names(backbone: nn.Module) -> list[str]:
    return [block.name for block in find_blocks(backbone)]


def test_a_resnet_is_a_stem_and_its_residual_blocks() -> None:
    backbone = torchvision_backbone("resnet18")
    backbone.fc = nn.Identity()
    residual = [f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)]
    assert names(backbone) == ["conv1", *residual]
    stem = find_blocks(backbone)[0]
    assert stem.modules == [backbone.conv1, backbone.bn1, backbone.relu, backbone.maxpool]


def test_a_vision_transformer_is_its_embedding_and_its_layers() -> None:
    backbone = torchvision_backbone("vit_b_16")
    backbone.heads = nn.Identity()
    assert names(backbone) == ["conv_proj", *(f"encoder.layers.encoder_layer_{n}" for n in range(12))]
    first, *_, last = find_blocks(backbone)
    ids = {id(parameter) for parameter in first.parameters}
    assert {id(backbone.class_token), id(backbone.encoder.pos_embedding)} <= ids
    assert backbone.encoder.ln in last.modules


@pytest.mark.parametrize("name", ["convnext_tiny", "efficientnet_b0", "densenet121", "swin_t"])
def test_every_parameter_is_in_one_block(name: str) -> None:
    backbone = torchvision_backbone(name)
    found = [id(parameter) for block in find_blocks(backbone) for parameter in block.parameters]
    assert sorted(found) == sorted(id(parameter) for parameter in backbone.parameters())


@pytest.mark.parametrize("name", ["test_vit", "test_resnet", "convnext_atto", "mixnet_s", "levit_128"])
def test_the_order_is_that_which_timm_gives(name: str) -> None:
    with torch.device("meta"):
        backbone = timm.create_model(name, pretrained=False, num_classes=0)
    theirs = group_parameters(backbone, backbone.group_matcher(coarse=False), reverse=True)
    of = {id(one): depth for depth, block in enumerate(find_blocks(backbone)) for one in block.parameters}
    depths = [(theirs[name], of[id(one)]) for name, one in backbone.named_parameters()]
    highest = [max(own for their, own in depths if their <= group) for group in sorted(set(theirs.values()))]
    lowest = [min(own for their, own in depths if their >= group) for group in sorted(set(theirs.values()))]
    assert all(before <= after for before, after in zip(highest, lowest[1:], strict=False))


def test_stages_divide_the_blocks_evenly() -> None:
    blocks = [nn.Linear(1, 1) for _ in range(9)]
    stages = find_stages(nn.Sequential(*blocks), 4)
    assert [[block.name for block in stage] for stage in stages] == [
        ["0", "1"],
        ["2", "3"],
        ["4", "5"],
        ["6", "7", "8"],
    ]


def test_there_are_no_more_stages_than_blocks() -> None:
    assert len(find_stages(nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)), 12)) == 2


def test_a_backbone_without_parameters_has_one_empty_stage() -> None:
    assert find_stages(nn.Flatten(), 4) == [[]]
