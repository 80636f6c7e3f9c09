"""Backbones by name: any classifier of two libraries, and what is said of other names."""

import pytest
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.backbone import build_backbone


@pytest.mark.parametrize(
    ("library", "name", "width"),
    [
        ("torchvision", "squeezenet1_1", 512),  # ends in a convolution
        ("torchvision", "googlenet", 1024),  # has auxiliary classifiers
        ("torchvision", "inception_v3", 2048),
        ("torchvision", "vgg11", 4096),
        ("timm", "resnetv2_50", 2048),  # ends in a convolution
        ("timm", "deit_tiny_distilled_patch16_224", 192),  # ends in two heads
        ("timm", "convnextv2_atto", 320),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_every_kind_of_classifier_gives_features(library: str, name: str, width: int, training: bool) -> None:
    with torch.device("meta"):
        backbone, features = build_backbone(library, name, None)
        side = 299 if name == "inception_v3" else 224
        assert backbone.train(training)(torch.zeros(2, 3, side, side)).shape == (2, width)
    assert features == width


@pytest.mark.parametrize(
    ("library", "name", "message"),
    [
        ("torchvision", "resnet5", r"^torchvision has no classifier named resnet5; did you mean .*resnet50"),
        ("torchvision", "fcn_resnet50", "has no classifier named fcn_resnet50"),  # for segmentation
        ("timm", "vit_smal_patch16_224", "no classifier named .*; did you mean .*vit_small_patch16_224"),
        ("timm", "resnet50.a1_in1k", r"expected model\.name=resnet50 model\.weights=a1_in1k"),
        ("timm", "qwen3_vit_306m_enc", "the timm network qwen3_vit_306m_enc is no classifier"),
        ("keras", "resnet50", "model.library is keras, expected torchvision or timm"),
    ],
)
def test_what_is_no_classifier_is_refused_in_one_line(library: str, name: str, message: str) -> None:
    with torch.device("meta"), pytest.raises(InputError, match=message):
        build_backbone(library, name, None)
