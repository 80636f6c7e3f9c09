"""Compiled networks."""

from pathlib import Path

import pytest
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.compilation import compile_in_place
from lightning_skin.models.network import NetworkSpec, build_network


@pytest.mark.slow
def test_a_compiled_network_says_the_same_under_the_same_names() -> None:
    network = build_network(NetworkSpec("timm", "test_resnet", 0.0, None), 3).eval()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected, names = network(images), list(network.state_dict())
        compile_in_place(network)
        torch.testing.assert_close(network(images), expected, atol=1e-5, rtol=1e-4)
    assert list(network.state_dict()) == names


def test_a_machine_without_a_compiler_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(InputError, match=r"needs a C\+\+ compiler such as g\+\+, and none is installed"):
        compile_in_place(torch.nn.Identity())
