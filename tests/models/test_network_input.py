"""The images that networks are made for, and those that they can take."""

import pytest
import torch
import torchvision
from torchvision.models import Inception_V3_Weights
from torchvision.transforms.functional import normalize

from lightning_skin.errors import InputError
from lightning_skin.models.network import NetworkSpec
from lightning_skin.models.network_input import build_shapes, made_for, own_input

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5,) * 3, (0.5,) * 3)


def spec(library: str, name: str) -> NetworkSpec:
    return NetworkSpec(library, name, 0.0, None)


@pytest.mark.parametrize(
    ("library", "name", "weights", "expected"),
    [
        ("torchvision", "resnet50", None, (224, *IMAGENET)),
        ("torchvision", "efficientnet_b3", "IMAGENET1K_V1", (300, *IMAGENET)),
        ("torchvision", "vit_b_16", "IMAGENET1K_SWAG_E2E_V1", (384, *IMAGENET)),
        ("torchvision", "vit_b_16", "own.pth", (224, *IMAGENET)),
        ("timm", "resnet26d", None, (224, *IMAGENET)),
        ("timm", "vit_tiny_patch16_224", None, (224, *HALF)),
        ("timm", "vit_base_patch16_224", "dino", (224, *IMAGENET)),
        ("timm", "vit_base_patch16_224", "augreg_in1k", (224, *HALF)),
        ("timm", "tf_efficientnetv2_b0", None, (192, *IMAGENET)),
    ],
)
def test_size_and_normalisation_are_those_of_the_weights(
    library: str, name: str, weights: str | None, expected: tuple[object, ...]
) -> None:
    assert tuple(own_input(library, name, weights)) == expected


def test_inception_gets_what_torchvision_would_make_of_its_input() -> None:
    """Its published weights expect [-1, 1], into which torchvision's network turns ImageNet's scale."""
    pixels = torch.rand(1, 3, 8, 8)
    network = torchvision.models.inception_v3(transform_input=True, init_weights=False)
    published = Inception_V3_Weights.DEFAULT.transforms()
    theirs = network._transform_input(normalize(pixels, published.mean, published.std))
    _, mean, std = own_input("torchvision", "inception_v3", "DEFAULT")
    torch.testing.assert_close(normalize(pixels, mean, std), theirs)


@pytest.mark.parametrize(
    ("library", "name", "image_size", "built_for"),
    [
        ("torchvision", "resnet18", 32, None),
        ("torchvision", "swin_t", 64, None),
        ("torchvision", "regnet_x_400mf", 64, None),  # cannot be built without values
        ("torchvision", "vit_b_16", 224, None),
        ("torchvision", "vit_b_16", 64, 64),
        ("timm", "vit_tiny_patch16_224", 48, 48),
        ("timm", "swin_tiny_patch4_window7_224", 64, 64),
    ],
)
def test_a_network_of_fixed_size_is_built_for_the_images(
    library: str, name: str, image_size: int, built_for: int | None
) -> None:
    fitting = made_for(spec(library, name), image_size)
    assert fitting == NetworkSpec(library, name, 0.0, None, "standard", built_for)
    images = torch.zeros(1, 3, image_size, image_size, device="meta")
    assert build_shapes(fitting, 3).eval()(images).shape == (1, 3)


@pytest.mark.parametrize(
    ("library", "name", "size", "sizes"),
    [
        ("torchvision", "alexnet", 32, "64 or 224"),
        ("torchvision", "vit_b_32", 100, "128 or 224"),
        ("torchvision", "maxvit_t", 256, "224"),
        ("timm", "gcvit_xxtiny", 100, "128 or 224"),
    ],
)
def test_a_size_that_the_network_cannot_take_is_refused_with_one_that_it_can(
    library: str, name: str, size: int, sizes: str
) -> None:
    with pytest.raises(InputError) as refused:
        made_for(spec(library, name), size)
    assert str(refused.value) == (
        f"{name} cannot take images of {size} x {size} px; set data.image_size={sizes}, or another network"
    )


def test_a_trial_draws_no_random_numbers() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    made_for(spec("torchvision", "regnet_x_400mf"), 40)  # needs values to be built
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
