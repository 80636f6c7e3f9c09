"""MixUp and CutMix of batches."""

from functools import partial

import pytest
import torch
from torch import Tensor

from lightning_skin.data.augmentation import Mixing, mixing
from lightning_skin.data.augmentation.mixing import batch_seed

LABELS = torch.tensor([2, 0])


def batch(size: int = 40) -> Tensor:
    """A black and a white image."""
    return torch.stack([torch.zeros(3, size, size), torch.ones(3, size, size)])


def mixed(kind: str, seed: int, probability: float = 1.0) -> tuple[Tensor, Tensor]:
    return Mixing(kind, 1.0, 1.0, probability)(batch(), LABELS, 3, seed)


def test_none_mixes_nothing() -> None:
    assert mixing("none", 1.0, 1.0, 1.0) is None


@pytest.mark.parametrize("seed", range(10))
def test_mixup_blends_intensities_and_labels_by_one_share(seed: int) -> None:
    images, labels = mixed("mixup", seed)
    share = float(labels[0, 2])
    torch.testing.assert_close(images[0], torch.full((3, 40, 40), 1 - share))
    torch.testing.assert_close(images[1], torch.full((3, 40, 40), share))
    torch.testing.assert_close(labels, torch.tensor([[1 - share, 0, share], [share, 0, 1 - share]]))
    assert 0 <= share <= 1


@pytest.mark.parametrize("seed", range(10))
def test_cutmix_shares_labels_by_the_area_of_one_rectangle(seed: int) -> None:
    images, labels = mixed("cutmix", seed)
    assert set(images.unique().tolist()) <= {0.0, 1.0}
    pasted = images[0, 0] == 1
    rows, columns = pasted.any(dim=1).sum(), pasted.any(dim=0).sum()
    assert pasted.sum() == rows * columns
    assert float(labels[0, 0]) == pytest.approx(float(pasted.float().mean()), abs=1e-6)
    assert torch.equal(images[0], 1 - images[1])
    torch.testing.assert_close(labels.sum(dim=1), torch.ones(2))


def test_the_seed_decides_and_the_global_random_numbers_stay() -> None:
    state = torch.get_rng_state()
    first, again, other = (mixed("both", seed) for seed in (5, 5, 6))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


def test_both_are_as_likely_and_some_batches_stay() -> None:
    results = [mixed("both", seed, 0.5) for seed in range(300)]
    unmixed = sum(torch.equal(images, batch()) and labels.amax() == 1 for images, labels in results)
    blended = sum(((images > 0) & (images < 1)).any().item() for images, _ in results)
    # A rectangle can have no area.
    assert 130 <= unmixed <= 180
    assert 50 <= blended <= 100


def test_a_small_alpha_leaves_images_nearly_pure() -> None:
    pure = partial(Mixing, "mixup", cutmix_alpha=1.0, probability=1.0)
    purity = [
        sum(float(pure(mixup_alpha=alpha)(batch(4), LABELS, 3, seed)[1].amax()) for seed in range(100)) / 100
        for alpha in (0.1, 8.0)
    ]
    assert purity[0] > 0.9 > 0.7 > purity[1]


def test_memory_stays_channels_last() -> None:
    images = batch().contiguous(memory_format=torch.channels_last)
    for kind in ("mixup", "cutmix"):
        changed, _ = Mixing(kind, 1.0, 1.0, 1.0)(images, LABELS, 3, 0)
        assert changed.is_contiguous(memory_format=torch.channels_last)


def test_seeds_differ_by_run_epoch_and_images() -> None:
    rows = torch.tensor([4, 1, 7])
    seeds = [
        batch_seed(0, 0, rows),
        batch_seed(1, 0, rows),
        batch_seed(0, 1, rows),
        batch_seed(0, 0, rows.flip(0)),
        batch_seed(10, 0, rows),
    ]
    assert len(set(seeds)) == 5
    assert batch_seed(0, 0, rows.clone()) == seeds[0]
