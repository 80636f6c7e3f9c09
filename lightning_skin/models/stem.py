"""The first layers of a ResNet, made for small images."""

from timm.models.resnet import ResNet as TimmResNet
from torch import nn
from torchvision.models import ResNet

from lightning_skin.errors import InputError

STEMS = ("standard", "small")


def set_stem(backbone: nn.Module, name: str, stem: str) -> None:
    """Give a ResNet the stem that its authors used on CIFAR's 32 x 32 px (He et al., CVPR 2016, sec. 4.2).

    The standard stem divides the sides of an image by 4 before the first block, which leaves 7 x 7 of
    28 x 28 px; the small one, a 3 x 3 convolution of stride 1 without pooling, leaves them whole.

    Args:
        backbone: The network, with random weights; changed in place.
        name: Of the network, for messages.
        stem: ``standard`` changes nothing; ``small``.

    Raises:
        InputError: There is no such stem, or the network is no ResNet.
    """
    if stem not in STEMS:
        raise InputError(f"model.stem is {stem}, expected {' or '.join(STEMS)}")
    if stem == "standard":
        return
    if not isinstance(backbone, ResNet | TimmResNet):
        raise InputError(
            f"model.stem is small, which {name} cannot have: take a ResNet, ResNeXt or Wide ResNet, "
            "or set model.stem=standard"
        )
    # timm's deep stems are a sequence of convolutions.
    width = [part for part in backbone.conv1.modules() if isinstance(part, nn.Conv2d)][-1].out_channels
    convolution = nn.Conv2d(3, width, kernel_size=3, stride=1, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
    backbone.set_submodule("conv1", convolution)
    backbone.set_submodule("maxpool", nn.Identity())
