import gc
import weakref

import numpy as np
import pytest
import torch
from pytorch_grad_cam import EigenCAM, GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn
from torchvision import models

from lightning_skin.errors import InputError
from lightning_skin.explain.cam import METHODS, heat_maps
from lightning_skin.explain.target_layer import TargetLayer, find_target_layer

LABELS = torch.tensor([0, 2, 1, 2])


class Identifiable(nn.Module):
    """Feature maps are the image; class 0 is the mean of channel 0, class 1 its opposite."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        nn.init.dirac_(self.features.weight)

    def forward(self, images: Tensor) -> Tensor:
        score = self.features(images)[:, 0].mean(dim=(1, 2))
        return torch.stack([score, -score], dim=1)


class InPlace(Identifiable):
    """The step after the feature maps overwrites them, as in DenseNet."""

    def forward(self, images: Tensor) -> Tensor:
        features = self.features(images)
        score = (features * features.clone().detach()).mean(dim=(1, 2, 3)) + features.zero_().sum(
            dim=(1, 2, 3)
        )
        return torch.stack([score, -score], dim=1)


class Overwriting(Identifiable):
    """Normalises its input in place."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.mul_(2))


def layer_of(network: nn.Module) -> TargetLayer:
    return TargetLayer("features", network.features, None)


@pytest.fixture(scope="module")
def resnet() -> nn.Module:
    """Each class reads channels of its own, which speak for it wherever they are active."""
    torch.manual_seed(0)
    network = models.resnet18(num_classes=3).eval()
    network.fc.weight = nn.Parameter(torch.eye(3).repeat(1, 171)[:, :512])
    return network


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def target_layer(resnet: nn.Module, images: Tensor) -> TargetLayer:
    return find_target_layer(resnet, images)


@pytest.mark.parametrize("method", ["gradcam", "gradcam++", "hirescam", "layercam", "xgradcam"])
def test_map_equals_the_hand_computed_one(method: str) -> None:
    images = torch.zeros(1, 3, 2, 2)
    images[0, 0] = torch.tensor([[0.0, 3.0], [1.5, 0.0]])
    network = Identifiable().eval()
    maps = heat_maps(network, layer_of(network), images, torch.tensor([0]), method)
    torch.testing.assert_close(maps, torch.tensor([[[0.0, 1.0], [0.5, 0.0]]]), atol=1e-6, rtol=0)


def test_map_of_a_class_that_nothing_speaks_for_is_zero() -> None:
    network = Identifiable().eval()
    maps = heat_maps(network, layer_of(network), torch.rand(2, 3, 4, 4), torch.tensor([1, 1]), "gradcam")
    torch.testing.assert_close(maps, torch.zeros(2, 4, 4))


def test_grad_cam_is_the_librarys(resnet: nn.Module, target_layer: TargetLayer, images: Tensor) -> None:
    reference = GradCAM(resnet, [target_layer.module])
    expected = reference(images, [ClassifierOutputTarget(label) for label in LABELS.tolist()])
    reference.activations_and_grads.release()
    resnet.zero_grad()
    maps = heat_maps(resnet, target_layer, images, LABELS, "gradcam")
    torch.testing.assert_close(maps, torch.from_numpy(expected), atol=1e-5, rtol=0)
    assert maps.dtype == torch.float32
    assert maps.shape == (4, 64, 64)


@pytest.mark.parametrize("method", METHODS)
def test_map_does_not_depend_on_the_other_images(
    resnet: nn.Module, target_layer: TargetLayer, images: Tensor, method: str
) -> None:
    together = heat_maps(resnet, target_layer, images, LABELS, method)
    alone = [heat_maps(resnet, target_layer, images[i : i + 1], LABELS[i : i + 1], method) for i in range(4)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=0)
    assert together.amin() == 0
    assert (together.amax(dim=(1, 2)) > 0.99).all()


def test_maps_of_a_vision_transformer_do_not_depend_on_the_other_images(images: Tensor) -> None:
    torch.manual_seed(0)
    network = models.VisionTransformer(64, 16, 2, 2, 32, 64, num_classes=3)
    nn.init.normal_(network.heads.head.weight)
    target_layer = find_target_layer(network.eval(), images)
    together = heat_maps(network, target_layer, images, LABELS, "gradcam")
    alone = heat_maps(network, target_layer, images[3:], LABELS[3:], "gradcam")
    torch.testing.assert_close(together[3:], alone, atol=1e-5, rtol=0)
    assert (together.amax(dim=(1, 2)) > 0.99).all()


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad, torch.enable_grad])
def test_frozen_networks_and_images_of_any_mode_are_explained(
    target_layer: TargetLayer, resnet: nn.Module, images: Tensor, mode
) -> None:
    expected = heat_maps(resnet, target_layer, images, LABELS, "gradcam")
    resnet.requires_grad_(False)
    with mode():
        maps = heat_maps(resnet, target_layer, images * 1, LABELS, "gradcam")
    assert not any(parameter.requires_grad for parameter in resnet.parameters())
    resnet.requires_grad_(True)
    torch.testing.assert_close(maps, expected)


def test_maps_under_autocast_are_those_without_it(
    resnet: nn.Module, target_layer: TargetLayer, images: Tensor
) -> None:
    expected = heat_maps(resnet, target_layer, images, LABELS, "gradcam")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        maps = heat_maps(resnet, target_layer, images, LABELS, "gradcam")
    torch.testing.assert_close(maps, expected)


def test_networks_in_half_precision_are_explained(images: Tensor) -> None:
    network = Identifiable().eval().to(torch.bfloat16)
    maps = heat_maps(network, layer_of(network), images.bfloat16(), LABELS.clamp(max=1), "gradcam")
    assert maps.dtype == torch.float32
    assert maps[0].max() > 0.99


def test_network_is_left_as_it_was(images: Tensor) -> None:
    network = models.resnet18(num_classes=3).eval()
    network.conv1.requires_grad_(False)
    network.fc.bias.grad = torch.ones(3)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    heat_maps(network, find_target_layer(network, images), images, LABELS, "gradcam")
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert {name for name, parameter in network.named_parameters() if not parameter.requires_grad} == {
        "conv1.weight"
    }
    assert {name for name, parameter in network.named_parameters() if parameter.grad is not None} == {
        "fc.bias"
    }
    torch.testing.assert_close(network.fc.bias.grad, torch.ones(3))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
    assert not any(module.training for module in network.modules())


def test_network_is_left_as_it_was_by_a_failure_which_is_not_swallowed(images: Tensor) -> None:
    network = Identifiable().eval()
    # Who keeps the failure keeps the frames that it passed, and all that they hold.
    with pytest.raises(IndexError) as failure:
        heat_maps(network, layer_of(network), images, torch.tensor([0, 0, 0, 7]), "gradcam")
    assert failure.tb is not None
    assert not network.features._forward_hooks
    assert network.features.weight.requires_grad


def test_layers_before_the_target_cost_no_gradient(images: Tensor) -> None:
    network = models.resnet18(num_classes=3).eval()
    target_layer = find_target_layer(network, images)
    needed: list[bool] = []
    network.layer3.register_forward_hook(lambda _module, _args, output: needed.append(output.requires_grad))
    heat_maps(network, target_layer, images, LABELS, "gradcam")
    assert needed == [False]


def test_images_are_left_as_they_were_by_a_network_that_overwrites_its_input() -> None:
    images = torch.ones(1, 3, 2, 2)
    network = Overwriting().eval()
    heat_maps(network, layer_of(network), images, torch.tensor([0]), "gradcam")
    torch.testing.assert_close(images, torch.ones(1, 3, 2, 2))


def test_feature_maps_do_not_outlive_the_call(images: Tensor) -> None:
    network = Identifiable().eval()
    outputs: list[weakref.ref[Tensor]] = []
    network.features.register_forward_hook(lambda _module, _args, output: outputs.append(weakref.ref(output)))
    heat_maps(network, layer_of(network), images, LABELS.clamp(max=1), "gradcam")
    gc.collect()
    assert outputs[0]() is None


def test_feature_maps_that_are_overwritten_later_are_explained_as_they_were() -> None:
    images = torch.zeros(1, 3, 2, 2)
    images[0, 0, 1, 0] = 2.0
    network = InPlace().eval()
    maps = heat_maps(network, layer_of(network), images, torch.tensor([0]), "gradcam")
    torch.testing.assert_close(maps, torch.tensor([[[0.0, 0.0], [1.0, 0.0]]]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("sign", [1, -1])
def test_eigen_cam_shows_what_stands_out_and_not_the_rest(sign: int) -> None:
    images = torch.zeros(1, 3, 4, 4)
    images[0, :, 1, 2] = sign * torch.tensor([3.0, 2.0, 1.0])
    network = Identifiable().eval()
    maps = heat_maps(network, layer_of(network), images, torch.tensor([0]), "eigencam")
    assert maps[0, 1, 2] > 0.99
    assert maps.sum() < 1.01


def test_eigen_cam_is_the_librarys_or_its_negative_whichever_reaches_higher(
    resnet: nn.Module, target_layer: TargetLayer
) -> None:
    activations = np.random.default_rng(0).normal(size=(8, 5, 3, 3))
    kinds = [kind(resnet, [target_layer.module]) for kind in (EigenCAM, METHODS["eigencam"])]
    library, ours = (cam.get_cam_image(None, None, None, activations, None, False) for cam in kinds)
    for cam in kinds:
        cam.activations_and_grads.release()
    np.testing.assert_allclose(np.abs(ours), np.abs(library))
    assert (ours.max(axis=(1, 2)) >= -ours.min(axis=(1, 2))).all()


def test_label_and_nothing_else_decides_what_grad_cam_shows(
    resnet: nn.Module, target_layer: TargetLayer, images: Tensor
) -> None:
    repeated = images[:1].expand(3, -1, -1, -1)
    maps = heat_maps(resnet, target_layer, repeated, torch.tensor([0, 1, 0]), "gradcam")
    torch.testing.assert_close(maps[0], maps[2])
    assert (maps[0] - maps[1]).abs().max() > 0.1


def test_unknown_method_is_refused_with_the_nearest_and_all_names(images: Tensor) -> None:
    network = Identifiable().eval()
    with pytest.raises(
        InputError, match=r"'grad-cam', did you mean 'gradcam'\? Accepted are gradcam, gradcam\+\+, hi"
    ):
        heat_maps(network, layer_of(network), images, LABELS, "grad-cam")


def test_network_in_training_mode_is_refused(images: Tensor) -> None:
    network = Identifiable()
    with pytest.raises(ValueError, match=r"the network is in training mode, expected network\.eval"):
        heat_maps(network, layer_of(network), images, LABELS, "gradcam")


@pytest.mark.parametrize("labels", [[0], [0, 1, 1, -1]])
def test_labels_that_are_not_one_class_per_image_are_refused(images: Tensor, labels: list[int]) -> None:
    network = Identifiable().eval()
    with pytest.raises(ValueError, match="expected one class index for each of 4 images"):
        heat_maps(network, layer_of(network), images, torch.tensor(labels), "gradcam")


def test_network_that_diverged_is_refused(images: Tensor) -> None:
    network = Identifiable().eval()
    nn.init.constant_(network.features.weight, float("nan"))
    with pytest.raises(InputError, match="features are not finite"):
        heat_maps(network, layer_of(network), images, LABELS.clamp(max=1), "gradcam")
