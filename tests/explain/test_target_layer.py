import pytest
import timm
import torch
from torch import Tensor, nn
from torchvision import models

from lightning_skin.errors import InputError
from lightning_skin.explain.target_layer import find_target_layer, named_target_layer


class LesionNetwork(nn.Module):
    def __init__(self, backbone: nn.Module, num_features: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(num_features, 3)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.backbone(images))


class MultiScale(nn.Module):
    """Three-by-three maps beside a branch that the pooled logits bypass."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1)
        self.branch = nn.Conv2d(4, 4, 1)

    def forward(self, images: Tensor) -> Tensor:
        maps = self.stem(images)
        return (maps + self.branch(maps)).mean(dim=(2, 3))


def torchvision_network(name: str) -> nn.Module:
    return models.get_model(name, weights=None)


def timm_network(name: str) -> nn.Module:
    return timm.create_model(name, pretrained=False)


# Weights are nowhere: on the meta device a network only knows its shapes.
@pytest.mark.parametrize(
    ("name", "layer", "shape"),
    [
        ("resnet18", "layer4", (512, 7, 7)),
        ("resnet50", "layer4", (2048, 7, 7)),
        ("efficientnet_b0", "features", (1280, 7, 7)),
        ("convnext_tiny", "features", (768, 7, 7)),
        ("densenet121", "features", (1024, 7, 7)),
        ("mobilenet_v3_small", "features", (576, 7, 7)),
        ("vgg11", "features", (512, 7, 7)),
        ("squeezenet1_0", "features", (512, 13, 13)),
        ("swin_t", "permute", (768, 7, 7)),
        ("vit_b_16", "encoder.layers.encoder_layer_11.ln_1", (768, 14, 14)),
    ],
)
def test_the_deepest_map_of_a_torchvision_network_is_found(
    name: str, layer: str, shape: tuple[int, int, int]
) -> None:
    assert_found(torchvision_network, name, layer, shape)


@pytest.mark.parametrize(
    ("name", "layer", "shape"),
    [
        ("resnet18", "layer4", (512, 7, 7)),
        ("efficientnet_b0", "bn2", (1280, 7, 7)),
        ("convnext_tiny", "stages", (768, 7, 7)),
        ("regnety_004", "s4", (440, 7, 7)),
        ("vit_tiny_patch16_224", "blocks.11.norm1", (192, 14, 14)),
        ("deit_tiny_distilled_patch16_224", "blocks.11.norm1", (192, 14, 14)),
        ("swin_tiny_patch4_window7_224", "norm", (768, 7, 7)),
        ("mixer_s16_224", "norm", (512, 14, 14)),
        # Their tokens are pooled on the way.
        ("pit_ti_224", "transformers.2.blocks.3.norm1", (256, 7, 7)),
        ("levit_128s", "stages.2.blocks.2", (384, 4, 4)),
        ("mvitv2_tiny", "stages.3.blocks.1.norm1", (768, 7, 7)),
    ],
)
def test_the_deepest_map_of_a_timm_network_is_found(
    name: str, layer: str, shape: tuple[int, int, int]
) -> None:
    assert_found(timm_network, name, layer, shape)


def assert_found(build, name, layer, shape) -> None:
    with torch.device("meta"):
        network, images = build(name).eval(), torch.zeros(2, 3, 224, 224)
    found = find_target_layer(network, images)
    outputs: list[Tensor] = []
    found.module.register_forward_hook(lambda _module, _args, output: outputs.append(output))
    network(images)
    maps = (found.reshape or nn.Identity())(outputs[0])
    assert found.name == layer
    assert maps.shape == (2, *shape)


@pytest.mark.parametrize("drop", [1, 2], ids=["class token", "class and distillation token"])
def test_tokens_become_the_grid_of_the_patches(drop: int) -> None:
    name = {1: "vit_tiny_patch16_224", 2: "deit_tiny_distilled_patch16_224"}[drop]
    with torch.device("meta"):
        network, images = timm_network(name).eval(), torch.zeros(1, 3, 224, 224)
    reshape = find_target_layer(network, images).reshape
    assert network.num_prefix_tokens == drop
    assert network.patch_embed.grid_size == (14, 14)
    tokens = torch.arange(-drop, 196.0).reshape(1, -1, 1)
    torch.testing.assert_close(reshape(tokens), torch.arange(196.0).reshape(1, 1, 14, 14))


@pytest.mark.parametrize(
    ("name", "side", "layer"),
    [
        ("resnet18", 128, "layer4"),
        ("resnet18", 96, "layer3"),
        ("resnet18", 64, "layer3"),
        ("resnet50", 64, "layer3"),
        ("resnet18", 32, "layer2"),
    ],
)
def test_small_images_are_explained_by_the_deepest_map_with_room_for_four_cells(
    name: str, side: int, layer: str
) -> None:
    with torch.device("meta"):
        network, images = torchvision_network(name).eval(), torch.zeros(1, 3, side, side)
    assert find_target_layer(network, images).name == layer


def test_images_that_are_not_square_are_explained_too() -> None:
    with torch.device("meta"):
        network, images = torchvision_network("resnet18").eval(), torch.zeros(1, 3, 128, 225)
    assert find_target_layer(network, images).name == "layer4"


def test_the_layer_of_a_wrapped_backbone_is_named_by_its_full_path() -> None:
    backbone = timm.create_model("resnet18", pretrained=False, num_classes=0)
    network = LesionNetwork(backbone, 512).eval()
    found = find_target_layer(network, torch.zeros(1, 3, 64, 64))
    assert found.name == "backbone.layer3"
    assert found.module is backbone.layer3


def test_a_network_that_lies_in_an_attribute_called_classifier_is_explained() -> None:
    network = nn.Module()
    network.classifier = torchvision_network("resnet18")
    network.forward = network.classifier.forward
    assert find_target_layer(network.eval(), torch.zeros(1, 3, 64, 64)).name == "classifier.layer3"


def test_a_branch_beside_a_residual_connection_is_not_taken_for_the_whole() -> None:
    assert find_target_layer(MultiScale().eval(), torch.zeros(1, 3, 9, 9)).name == "stem"


def test_a_layer_that_is_used_twice_is_passed_over() -> None:
    shared = nn.ReLU()
    network = nn.Sequential(
        nn.Conv2d(3, 2, 1), shared, nn.Conv2d(2, 2, 1), shared, nn.Flatten(), nn.Linear(32, 3)
    )
    assert find_target_layer(network.eval(), torch.zeros(1, 3, 4, 4)).name == "2"


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
def test_the_network_is_left_as_it_was(mode) -> None:
    network = LesionNetwork(timm.create_model("resnet18", pretrained=False, num_classes=0), 512).eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with mode():
        find_target_layer(network, torch.rand(1, 3, 64, 64))
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in network.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_a_network_without_maps_is_refused() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)).eval()
    with pytest.raises(
        InputError, match="no layer of the network holds a map of at least 2 x 2 for images of 8 x 8"
    ):
        find_target_layer(network, torch.zeros(1, 3, 8, 8))


class Attention(nn.Module):
    def forward(self, tokens: Tensor) -> Tensor:
        return tokens @ tokens.transpose(1, 2) @ tokens


class SevenTokens(nn.Module):
    """Attends to seven tokens, cut out of a map of 4 x 4 by nobody knows which rule."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1)
        self.norm = nn.LayerNorm(4)
        self.attention = Attention()

    def forward(self, images: Tensor) -> Tensor:
        tokens = self.stem(images).flatten(2).transpose(1, 2)[:, :7]
        return self.attention(self.norm(tokens)).mean(dim=1)


def test_tokens_that_form_no_grid_are_refused() -> None:
    network, images = SevenTokens().eval(), torch.zeros(1, 3, 4, 4)
    with pytest.raises(InputError, match="the tokens of norm do not form rows and columns"):
        find_target_layer(network, images)


def test_tokens_between_two_maps_do_not_hide_the_finer_one() -> None:
    with torch.device("meta"):
        network, images = timm_network("mobilevit_xxs").eval(), torch.zeros(1, 3, 64, 64)
    assert find_target_layer(network, images).name == "stages.4.0.conv1_1x1"


def test_a_part_in_training_mode_is_refused() -> None:
    network = torchvision_network("resnet18").eval()
    network.layer2[0].bn1.train()
    with pytest.raises(ValueError, match=r"layer2\.0\.bn1 is in training mode, expected network\.eval"):
        find_target_layer(network, torch.zeros(1, 3, 64, 64))


def test_weights_created_in_inference_mode_are_refused() -> None:
    with torch.inference_mode():
        network = MultiScale().eval()
    with pytest.raises(ValueError, match=r"stem\.weight was created under torch\.inference_mode"):
        find_target_layer(network, torch.zeros(1, 3, 9, 9))


def test_a_named_layer_is_taken_with_its_layout() -> None:
    with torch.device("meta"):
        network, images = timm_network("vit_tiny_patch16_224").eval(), torch.zeros(1, 3, 224, 224)
    layer = named_target_layer(network, "blocks.8.norm1", images)
    assert layer.module is network.blocks[8].norm1
    assert layer.reshape(torch.zeros(3, 197, 192)).shape == (3, 192, 14, 14)


def test_a_layer_inside_the_backbone_is_suggested_for_its_short_name() -> None:
    network = LesionNetwork(timm.create_model("resnet18", pretrained=False, num_classes=0), 512).eval()
    with pytest.raises(InputError, match=r"no layer 'layer3': did you mean backbone\.layer3\?"):
        named_target_layer(network, "layer3", torch.zeros(1, 3, 64, 64))


def test_the_nearest_layer_is_suggested_for_a_misspelt_name() -> None:
    network = torchvision_network("resnet18").eval()
    with pytest.raises(InputError, match=r"no layer 'laier4': did you mean layer4"):
        named_target_layer(network, "laier4", torch.zeros(1, 3, 64, 64))


@pytest.mark.parametrize("name", ["fc", "avgpool", "layer4.0.relu"])
def test_a_named_layer_without_one_map_per_image_is_refused(name: str) -> None:
    network = torchvision_network("resnet18").eval()
    with pytest.raises(InputError, match=f"layer '{name}' does not put out one map .* such as layer3"):
        named_target_layer(network, name, torch.zeros(1, 3, 64, 64))


def test_a_coarse_map_is_better_than_none() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 2, 2), nn.Flatten(), nn.Linear(16, 3)).eval()
    assert find_target_layer(network, torch.zeros(1, 3, 4, 4)).name == "0"
