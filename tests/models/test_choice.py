"""What is wrong with a network is known before any image is read."""

from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.choice import NetworkChoice

RESNET = NetworkChoice("torchvision", "resnet18", "standard", None, None, 32)
VIT = NetworkChoice("timm", "test_vit", "standard", None, None, 64)


def test_the_size_is_the_one_asked_for_or_else_the_network_s_own() -> None:
    assert RESNET.settle().image_size == 32
    assert replace(RESNET, image_size=None).settle().image_size == 224
    assert replace(VIT, image_size=None).settle().image_size == 160
    assert VIT.settle().mean == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (replace(RESNET, name="resnet20"), "torchvision has no classifier named resnet20; did you mean"),
        (
            replace(RESNET, stem="small", weights="IMAGENET1K_V1"),
            "first convolution does not fit",
        ),
        (
            replace(RESNET, weights="IMAGENET"),
            "known for resnet18, expected IMAGENET1K_V1",
        ),
        (replace(VIT, weights="in1k"), "neither a file nor known for test_vit, expected r160_in1k"),
        (
            replace(RESNET, train_from="layer3"),
            "is layer3, which would freeze random weights",
        ),
        (replace(RESNET, train_from="layer9", weights="DEFAULT"), "layer9, which the network does not have"),
        (replace(RESNET, name="alexnet"), "alexnet cannot take images of 32 x 32 px"),
        (replace(RESNET, name="alexnet", stem="small"), "model.stem is small, which alexnet cannot have"),
    ],
)
def test_a_choice_that_cannot_be_trained_is_refused(choice: NetworkChoice, message: str) -> None:
    with pytest.raises(InputError, match=message):
        choice.settle()


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    torch.save(timm.create_model("test_resnet").state_dict(), tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"weights\.pth do not fit resnet18: .* the first is conv1\.weight"):
        replace(RESNET, weights=str(tmp_path / "weights.pth")).settle()


def test_weights_of_another_image_size_are_taken(tmp_path: Path) -> None:
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "weights.pth")
    assert replace(VIT, weights=str(tmp_path / "weights.pth"), train_from="head").settle().image_size == 64
