"""Class activation maps: where in each image a network finds what speaks for a class."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_grad_cam.eigen_cam import EigenCAM
from pytorch_grad_cam.grad_cam import GradCAM
from pytorch_grad_cam.grad_cam_plusplus import GradCAMPlusPlus
from pytorch_grad_cam.hirescam import HiResCAM
from pytorch_grad_cam.layer_cam import LayerCAM
from pytorch_grad_cam.xgrad_cam import XGradCAM
from torch import Tensor, nn

from lightning_skin.errors import InputError
from lightning_skin.explain.forward_trace import require_explainable
from lightning_skin.explain.target_layer import TargetLayer


class SignedEigenCAM(EigenCAM):
    """Eigen-CAM (Muhammad and Yeasin, IJCNN 2020) whose sign is not left to chance.

    A singular vector is as good as its opposite, so that the library's map is at random the negative.
    As in Seg-Eigen-CAM (Chung and Ying, Appl. Sci. 2025, eq. 13), the larger extreme is made positive.
    """

    def get_cam_image(self, *args: Any, **kwargs: Any) -> NDArray[np.float32]:  # noqa: ANN401
        """Return the first principal component of each image's features ``(B, h, w)``."""
        maps = super().get_cam_image(*args, **kwargs)  # type: ignore[no-untyped-call]
        negative = -maps.min(axis=(1, 2)) > maps.max(axis=(1, 2))
        return np.where(negative[:, None, None], -maps, maps)


# All but eigencam, which shows what stands out whatever the class, answer to the label.
METHODS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "gradcam": GradCAM,
        "gradcam++": GradCAMPlusPlus,
        "hirescam": HiResCAM,
        "layercam": LayerCAM,
        "xgradcam": XGradCAM,
        "eigencam": SignedEigenCAM,
    }
)


def heat_maps(
    network: nn.Module, target_layer: TargetLayer, images: Tensor, labels: Tensor, method: str
) -> Tensor:
    """Show where each image speaks for its label, by the methods of pytorch-grad-cam.

    Each map is scaled by itself: 0 is the least and 1 the most that this image has to say for the
    label, so values of two maps cannot be compared. The network is left as it was.

    Args:
        network: Maps images to logits ``(B, C)``; must be in evaluation mode; may be frozen.
        target_layer: Layer of ``network`` whose feature maps are weighted.
        images: Network input ``(B, 3, H, W)``, on the network's device.
        labels: Class to explain in each image ``(B,)``, in [0, C).
        method: A name from ``METHODS``.

    Returns:
        Heat maps ``(B, H, W)`` in [0, 1], float32, on the CPU; each the same as if its image stood
        alone; all zero where nothing speaks for the label.

    Raises:
        ValueError: The network is in training mode, or ``labels`` are not one class per image.
        InputError: No such method, or the network's features are not finite.
    """
    if method not in METHODS:
        nearest = get_close_matches(method, METHODS, n=1, cutoff=0.0)[0]
        raise InputError(
            f"no explanation method {method!r}, did you mean {nearest!r}? Accepted are {', '.join(METHODS)}"
        )
    require_explainable(network)
    classes = labels.tolist()
    if labels.shape != images.shape[:1] or min(classes, default=0) < 0:
        raise ValueError(f"labels are {classes}, expected one class index for each of {len(images)} images")
    # Inference mode forbids gradients altogether, and autocast gives maps that numpy cannot hold.
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(images.device.type, enabled=False):
        maps = _scaled_maps(METHODS[method], network, target_layer, images.detach().clone(), classes)
    if not np.isfinite(maps).all():
        raise InputError("the network's features are not finite: explain a checkpoint that did not diverge")
    return torch.from_numpy(maps)


def _scaled_maps(
    method: type[Any], network: nn.Module, target_layer: TargetLayer, images: Tensor, classes: list[int]
) -> NDArray[np.float32]:
    with _frozen(network), _graph_starting_at(target_layer.module):
        # Its ``with`` would swallow an IndexError.
        cam = method(network, [target_layer.module], reshape_transform=_float_copy(target_layer.reshape))
        try:
            # One target for a batch would leave all images but the first without a map.
            return cam(images, [itemgetter(label) for label in classes])
        finally:
            cam.activations_and_grads.release()


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Keep the library, which calls ``zero_grad`` and ``backward``, away from the parameters."""
    before = [(parameter, parameter.requires_grad, parameter.grad) for parameter in network.parameters()]
    network.requires_grad_(False)
    try:
        yield
    finally:
        for parameter, requires_grad, grad in before:
            parameter.requires_grad_(requires_grad)
            parameter.grad = grad


@contextmanager
def _graph_starting_at(layer: nn.Module) -> Iterator[None]:
    """Make the layer's output the leaf: what lies before it needs no gradient, hence no time or memory."""

    def start(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
        del module, args
        # The copy may be changed in place by the next layer, a leaf may not.
        return output.detach().requires_grad_().clone()

    handle = layer.register_forward_hook(start)
    try:
        yield
    finally:
        handle.remove()


def _float_copy(reshape: Callable[[Tensor], Tensor] | None) -> Callable[[Tensor], Tensor]:
    """Reshape into memory of its own: DenseNet's next step overwrites its feature maps in place."""

    def copy(maps: Tensor) -> Tensor:
        return (maps if reshape is None else reshape(maps)).to(torch.float32, copy=True)

    return copy
