"""Backbone weights from files of three kinds, and what is said of those that cannot be had."""

import pickle
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file
from torchvision.models import VisionTransformer

from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, Facts
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network
from lightning_skin.models.weights import load_weights

SPEC = NetworkSpec("timm", "test_resnet", 0.0, None)
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def network() -> LesionNetwork:
    return build_network(SPEC, 3)


@pytest.fixture
def source() -> LesionNetwork:
    """Another network of the kind, for other classes, whose statistics have moved too."""
    network = build_network(SPEC, 5)
    network.train()(torch.randn(2, 3, 32, 32))
    return network


def state_dict(path: Path, source: LesionNetwork) -> Path:
    torch.save(source.backbone.state_dict(), path / "weights.pth")
    return path / "weights.pth"


def safetensors(path: Path, source: LesionNetwork) -> Path:
    save_file(source.backbone.state_dict(), path / "weights.safetensors")
    return path / "weights.safetensors"


def checkpoint(path: Path, source: LesionNetwork) -> Path:
    state = {f"network.{key}": value for key, value in source.state_dict().items()}
    facts = Facts(SPEC, tuple("abcde"), {}, "").to_dict()
    torch.save({"state_dict": state, "epoch": 0, CHECKPOINT_KEY: facts}, path / "best.ckpt")
    return path / "best.ckpt"


def refusal(network: LesionNetwork, weights: object, spec: NetworkSpec = SPEC) -> str:
    with pytest.raises(InputError) as caught:
        load_weights(network, spec, str(weights))
    return str(caught.value)


@pytest.mark.parametrize("write", [state_dict, safetensors, checkpoint])
def test_a_file_fills_the_backbone_and_leaves_the_head(
    network: LesionNetwork, source: LesionNetwork, tmp_path: Path, write: Callable[..., Path]
) -> None:
    head = {key: value.clone() for key, value in network.head.state_dict().items()}
    load_weights(network, SPEC, str(write(tmp_path, source)))
    torch.testing.assert_close(
        dict(network.backbone.state_dict()), dict(source.backbone.state_dict()), rtol=0, atol=0
    )
    torch.testing.assert_close(dict(network.head.state_dict()), head, rtol=0, atol=0)


def test_a_tensor_of_another_shape_is_refused_and_named(
    network: LesionNetwork, source: LesionNetwork, tmp_path: Path
) -> None:
    state = source.backbone.state_dict()
    state["layer1.0.conv1.weight"] = state["layer1.0.conv1.weight"][:1]
    torch.save(state, tmp_path / "weights.pth")
    message = refusal(network, tmp_path / "weights.pth")
    assert f"weights.pth do not fit test_resnet: 1 of {len(state)} tensors" in message
    assert message.endswith("the first is layer1.0.conv1.weight")


def test_weights_that_do_not_fit_change_nothing(network: LesionNetwork, tmp_path: Path) -> None:
    before = {key: value.clone() for key, value in network.state_dict().items()}
    torch.save({"conv1.0.weight": torch.zeros_like(before["backbone.conv1.0.weight"])}, tmp_path / "one.pth")
    assert "are missing or of another shape" in refusal(network, tmp_path / "one.pth")
    torch.testing.assert_close(dict(network.state_dict()), before, rtol=0, atol=0)


def test_a_file_from_before_batches_were_counted_is_taken(
    network: LesionNetwork, source: LesionNetwork, tmp_path: Path
) -> None:
    state = source.backbone.state_dict()
    old = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "weights.pth")
    load_weights(network, SPEC, str(tmp_path / "weights.pth"))
    filled = network.backbone.state_dict()
    torch.testing.assert_close({key: filled[key] for key in old}, dict(old), rtol=0, atol=0)


def test_weights_of_a_deeper_network_are_refused(tmp_path: Path) -> None:
    spec = NetworkSpec("torchvision", "resnet18", 0.0, None)
    torch.save(torchvision.models.resnet34().state_dict(), tmp_path / "weights.pth")
    message = refusal(build_network(spec, 3), tmp_path / "weights.pth", spec)
    assert message.endswith("has no layer1.2.bn1.bias (96 such tensors); are they of another network?")


@pytest.mark.parametrize(
    "name", ["convnext_tiny", "efficientnet_b0", "vit_b_16", "densenet121", "mnasnet0_5"]
)
def test_weights_with_a_head_of_their_own_fit(name: str, tmp_path: Path) -> None:
    spec = NetworkSpec("torchvision", name, 0.0, None)
    state = torchvision.models.get_model(name).state_dict()
    torch.save(state, tmp_path / "weights.pth")
    network = build_network(spec, 3)
    load_weights(network, spec, str(tmp_path / "weights.pth"))
    own = network.backbone.state_dict()
    torch.testing.assert_close({key: state[key] for key in own}, dict(own), rtol=0, atol=0)


@pytest.mark.parametrize("content", [{"state_dict": [1]}, {0: torch.zeros(2)}, [1, 2], torch.zeros(2)])
def test_a_file_of_something_else_does_not_fit(
    network: LesionNetwork, tmp_path: Path, content: object
) -> None:
    torch.save(content, tmp_path / "weights.pth")
    assert "are missing or of another shape" in refusal(network, tmp_path / "weights.pth")


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
@pytest.mark.parametrize("content", ["", "no weights\n", "hello world\n", "PK but no archive\n"])
def test_a_file_of_text_is_refused_in_one_line(
    network: LesionNetwork, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    message = refusal(network, tmp_path / name)
    assert message == f"{tmp_path / name} is not a file of weights (a PyTorch state dict or safetensors)"


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize(
    "save", [torch.save, lambda trap, path: path.write_bytes(pickle.dumps(trap, protocol=2))]
)
def test_a_file_that_would_run_code_is_refused_unrun(
    network: LesionNetwork, tmp_path: Path, save: Callable[[Trap, Path], object]
) -> None:
    save(Trap(tmp_path / "ran"), tmp_path / "weights.pth")
    assert "is not a file of weights" in refusal(network, tmp_path / "weights.pth")
    assert not (tmp_path / "ran").exists()


def test_an_unknown_name_is_refused_with_those_that_are_known(network: LesionNetwork) -> None:
    resnet50 = NetworkSpec("torchvision", "resnet50", 0.0, None)
    assert "expected IMAGENET1K_V1, IMAGENET1K_V2, DEFAULT, a file or null" in refusal(
        network, "IMAGENET", resnet50
    )
    assert "expected r160_in1k, a file or null" in refusal(network, "IMAGENET1K_V1")


def test_a_network_without_pretrained_weights_says_so(network: LesionNetwork) -> None:
    pretrained = {full.partition(".")[0] for full in timm.list_pretrained()}
    name = next(name for name in timm.list_models() if name not in pretrained)
    assert refusal(network, "in1k", NetworkSpec("timm", name, 0.0, None)).endswith(
        f"neither a file nor known for {name}, and it has no pretrained weights"
    )


def test_named_weights_do_not_fit_the_small_stem(tmp_path: Path) -> None:
    small = NetworkSpec("torchvision", "resnet18", 0.0, None, "small")
    network = build_network(small, 3)
    assert "whose first convolution does not fit model.stem=small; set" in refusal(
        network, "IMAGENET1K_V1", small
    )
    torch.save(build_network(small, 5).backbone.state_dict(), tmp_path / "weights.pth")
    load_weights(network, small, str(tmp_path / "weights.pth"))


def test_position_embeddings_of_timm_are_interpolated(tmp_path: Path) -> None:
    spec = NetworkSpec("timm", "test_vit", 0.0, None, "standard", 64)
    state = timm.create_model("test_vit", pretrained=False).state_dict()
    state["pos_embed"] = torch.ones_like(state["pos_embed"])  # (1, 1 + 10 * 10, 64)
    torch.save(state, tmp_path / "weights.pth")
    network = build_network(spec, 3)
    load_weights(network, spec, str(tmp_path / "weights.pth"))
    filled = network.backbone.state_dict()
    torch.testing.assert_close(filled["pos_embed"], torch.ones(1, 1 + 4 * 4, 64))
    torch.testing.assert_close(filled["blocks.0.attn.qkv.weight"], state["blocks.0.attn.qkv.weight"])


def test_position_embeddings_of_torchvision_are_interpolated(tmp_path: Path) -> None:
    def vit(image_size: int) -> VisionTransformer:
        return VisionTransformer(image_size, 32, num_layers=1, num_heads=1, hidden_dim=8, mlp_dim=8)

    state = vit(224).state_dict()
    state["encoder.pos_embedding"] = torch.ones(1, 1 + 7 * 7, 8)
    torch.save(state, tmp_path / "weights.pth")
    backbone = vit(64)
    backbone.heads = torch.nn.Identity()
    spec = NetworkSpec("torchvision", "vit_b_32", 0.0, None, "standard", 64)
    load_weights(LesionNetwork(backbone, torch.nn.Linear(8, 3)), spec, str(tmp_path / "weights.pth"))
    filled = backbone.state_dict()
    torch.testing.assert_close(filled["encoder.pos_embedding"], torch.ones(1, 1 + 2 * 2, 8))
    torch.testing.assert_close(filled["conv_proj.weight"], state["conv_proj.weight"])


def test_weights_that_are_not_finite_are_refused(
    network: LesionNetwork, source: LesionNetwork, tmp_path: Path
) -> None:
    state = source.backbone.state_dict()
    state["layer1.0.conv1.weight"][0, 0] = float("nan")
    torch.save(state, tmp_path / "weights.pth")
    assert "not finite, the first at layer1.0.conv1.weight" in refusal(network, tmp_path / "weights.pth")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Empty caches, and a proxy that refuses every connection."""
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # may remember the proxies of an earlier call
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    # The hub's client reads these variables at import; unless told to be offline, it tries for a minute.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(
    ("spec", "name"),
    [(NetworkSpec("torchvision", "resnet18", 0.0, None), "IMAGENET1K_V1"), (SPEC, "r160_in1k")],
)
def test_weights_that_cannot_be_fetched_name_two_ways_out(
    network: LesionNetwork, spec: NetworkSpec, name: str
) -> None:
    message = refusal(network, name, spec)
    assert message.startswith(f"weights {name} of {spec.name} cannot be fetched (")
    assert message.endswith("model.weights=FILE, or train from scratch with model.weights=null")
    assert "\n" not in message
