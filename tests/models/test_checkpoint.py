"""Checkpoints are data: read back exactly, refused when they are anything else."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from lightning_skin.errors import InputError
from lightning_skin.models.checkpoint import CHECKPOINT_KEY, Facts, find_checkpoint, read_checkpoint
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network

SPEC = NetworkSpec("torchvision", "resnet18", 0.2, 16)
PREPROCESSING = {"image_size": 32, "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}
FACTS = Facts(SPEC, ("mel", "nv"), PREPROCESSING, "abc")


@pytest.fixture(scope="module")
def network() -> LesionNetwork:
    return build_network(SPEC, 2).eval()


@pytest.fixture
def content(network: LesionNetwork) -> dict[str, Any]:
    state = {f"network.{key}": value for key, value in network.state_dict().items()}
    return {"state_dict": state, "epoch": 3, CHECKPOINT_KEY: FACTS.to_dict()}


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def test_a_checkpoint_gives_back_network_and_facts(
    content: dict[str, Any], network: LesionNetwork, tmp_path: Path
) -> None:
    checkpoint = read_checkpoint(saved(tmp_path / "a.ckpt", content))
    assert checkpoint.facts == FACTS
    assert checkpoint.epoch == 3
    assert not checkpoint.resumable
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(checkpoint.network(images), network(images), rtol=1e-4, atol=1e-5)


def test_malignant_classes_are_given_back(content: dict[str, Any], tmp_path: Path) -> None:
    content[CHECKPOINT_KEY] = replace(FACTS, malignant=("mel",)).to_dict()
    assert read_checkpoint(saved(tmp_path / "a.ckpt", content)).facts.malignant == ("mel",)


def test_a_checkpoint_from_before_stems_and_sizes_were_stored_has_the_usual_ones(
    content: dict[str, Any], tmp_path: Path
) -> None:
    del content[CHECKPOINT_KEY]["network"]["stem"]
    del content[CHECKPOINT_KEY]["network"]["image_size"]
    del content[CHECKPOINT_KEY]["malignant"]
    assert read_checkpoint(saved(tmp_path / "a.ckpt", content)).facts == FACTS


def test_a_network_that_asks_for_the_version_of_its_weights_is_read_back(tmp_path: Path) -> None:
    spec = NetworkSpec("torchvision", "mnasnet0_5", 0.0, None)
    state = {f"network.{key}": value for key, value in build_network(spec, 2).state_dict().items()}
    facts = Facts(spec, ("mel", "nv"), PREPROCESSING, "abc").to_dict()
    path = saved(tmp_path / "a.ckpt", {"state_dict": state, "epoch": 0, CHECKPOINT_KEY: facts})
    assert read_checkpoint(path).facts.network == spec


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_checkpoint_that_would_run_code_is_refused_unrun(content: dict[str, Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "trap.ckpt", {**content, "extra": Trap(tmp_path / "ran")})
    with pytest.raises(InputError, match="holds code or objects"):
        read_checkpoint(path)
    assert not (tmp_path / "ran").exists()


def test_a_bare_pickle_is_refused_unrun(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    with pytest.raises(InputError, match="is no checkpoint"):
        read_checkpoint(tmp_path / "a.ckpt")
    assert not (tmp_path / "ran").exists()


def test_a_truncated_checkpoint_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "a.ckpt", content)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(InputError, match="is no checkpoint, or it is damaged"):
        read_checkpoint(path)


def test_a_checkpoint_of_another_tool_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    del content[CHECKPOINT_KEY]
    with pytest.raises(InputError, match="was not written by this tool"):
        read_checkpoint(saved(tmp_path / "a.ckpt", content))


def test_a_checkpoint_of_another_format_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content[CHECKPOINT_KEY]["format"] = 99
    with pytest.raises(InputError, match="has another format"):
        read_checkpoint(saved(tmp_path / "a.ckpt", content))


@pytest.mark.parametrize(
    "damage", [{"epoch": "3"}, {"epoch": None}, {"state_dict": "weights"}, {CHECKPOINT_KEY: 1}]
)
def test_a_checkpoint_with_a_part_of_another_type_is_refused(
    content: dict[str, Any], damage: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="was not written by this tool"):
        read_checkpoint(saved(tmp_path / "a.ckpt", {**content, **damage}))


def test_weights_that_are_not_finite_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content["state_dict"] = {key: value.clone() for key, value in content["state_dict"].items()}
    content["state_dict"]["network.head.1.weight"][0, 0] = float("nan")
    with pytest.raises(InputError, match="not finite: its training diverged"):
        read_checkpoint(saved(tmp_path / "a.ckpt", content))


def test_weights_of_another_network_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    content[CHECKPOINT_KEY]["class_names"] = ["bkl", "mel", "nv"]
    with pytest.raises(InputError, match="does not fit its own network"):
        read_checkpoint(saved(tmp_path / "a.ckpt", content))


def test_a_run_folder_means_its_named_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "best.ckpt").touch()
    assert find_checkpoint(str(tmp_path), "best") == (tmp_path / "checkpoints" / "best.ckpt").resolve()
    with pytest.raises(InputError, match=r"holds no checkpoints/last.ckpt"):
        find_checkpoint(str(tmp_path), "last")
    with pytest.raises(InputError, match="does not exist"):
        find_checkpoint(str(tmp_path / "gone"), "best")


def test_one_checkpoint_is_asked_for_where_several_are_named() -> None:
    with pytest.raises(InputError, match="names 2 checkpoints, which mode=test alone takes together"):
        find_checkpoint(["a", "b"], "best")


def test_a_checkpoint_older_than_metadata_is_read(content: dict[str, Any], tmp_path: Path) -> None:
    del content[CHECKPOINT_KEY]["metadata"]
    for name in ("metadata", "metadata_dropout"):
        del content[CHECKPOINT_KEY]["network"][name]
    assert read_checkpoint(saved(tmp_path / "old.ckpt", content)).facts == FACTS
