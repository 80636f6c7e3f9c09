"""Metadata beside the features of images, which can be missing."""

import torch
from torch import nn

from lightning_skin.models.metadata_branch import MetadataBranch
from lightning_skin.models.network import LesionNetwork, NetworkSpec, build_network

KNOWN = torch.tensor([[1.5, 0.0, 0.0, 1.0, 0.0]])
MISSING = torch.tensor([[0.0, 1.0, 0.0, 0.0, 1.0]])


def seen(branch: MetadataBranch, metadata: torch.Tensor | None, images: int) -> torch.Tensor:
    """What reaches the layers of a branch."""
    branch.layers = nn.Sequential(nn.Identity())
    return branch(metadata, images)


def test_no_metadata_are_those_with_every_feature_missing() -> None:
    branch = MetadataBranch((2, 3), 0.0).eval()
    assert seen(branch, None, 2).tolist() == MISSING.repeat(2, 1).tolist()


def test_features_are_dropped_as_a_whole_and_independently_in_training_only() -> None:
    branch = MetadataBranch((2, 3), 0.25)
    torch.manual_seed(0)
    rows = seen(branch.train(), KNOWN.repeat(4000, 1), 4000)
    age, sex = (rows[:, :2] == MISSING[:, :2]).all(dim=1), (rows[:, 2:] == MISSING[:, 2:]).all(dim=1)
    assert ((rows[:, :2] == KNOWN[:, :2]).all(dim=1) | age).all()
    assert ((rows[:, 2:] == KNOWN[:, 2:]).all(dim=1) | sex).all()
    for share, expected in ((age, 0.25), (sex, 0.25), (age & sex, 0.0625)):
        assert abs(share.double().mean().item() - expected) < 0.03
    assert (seen(branch.eval(), KNOWN.repeat(99, 1), 99) == KNOWN).all()


def test_the_head_sees_images_and_metadata() -> None:
    spec = NetworkSpec("torchvision", "resnet18", 0.0, None, metadata=(2, 3), metadata_dropout=0.1)
    network = build_network(spec, 3).eval()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    metadata = KNOWN.repeat(2, 1)
    with torch.no_grad():
        alone, beside = network(images), network(images, metadata)
        assert (alone - beside).abs().max() > 1e-3
        torch.testing.assert_close(network(images, MISSING.repeat(2, 1)), alone)
        assert (network(images.flip(0), metadata) - beside).abs().max() > 1e-3
    assert alone.shape == (2, 3)


def test_a_network_without_metadata_passes_them_over() -> None:
    network = LesionNetwork(nn.Flatten(), nn.Identity())
    images = torch.ones(2, 3, 1, 1)
    torch.testing.assert_close(network(images, KNOWN.repeat(2, 1)), network(images))


def test_a_description_gives_back_the_branch() -> None:
    spec = NetworkSpec("torchvision", "resnet18", 0.0, None, metadata=(2, 3), metadata_dropout=0.1)
    assert NetworkSpec.from_dict(spec.to_dict()) == spec
    old = {"library": "torchvision", "name": "resnet18", "dropout": 0.0, "hidden": None}
    assert NetworkSpec.from_dict(old) == NetworkSpec("torchvision", "resnet18", 0.0, None)
