import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lightning_skin.data.augmentation import Augmentation, fused, light, standard
from lightning_skin.data.dataset import EpochSampler, ImageDataset, ImageFiles, collate
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.sampling import draw_of
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

PREPROCESSING = Preprocessing(8)
AUGMENTATION = standard(0.6, 0.2, 0.2, 0.2, 0.02)
LABELS = [2, 0, 1, 0]


@pytest.fixture
def paths(tmp_path: Path, write_image: WriteImage) -> list[Path]:
    return [write_image(tmp_path / f"{number}.png") for number in range(4)]


def dataset(paths: list[Path], augmentation: Augmentation | None, seed: int = 0) -> ImageDataset:
    decode = PREPROCESSING.square if augmentation is None else PREPROCESSING.frame
    images = ImageFiles(paths[0].parent, [path.name for path in paths], decode)
    return ImageDataset(images, LABELS, augmentation, PREPROCESSING.image_size, seed)


def test_evaluation_image_is_what_preprocessing_gives(paths: list[Path]) -> None:
    images = dataset(paths, None)
    assert len(images) == 4
    for index, path in enumerate(paths):
        pixels, label, row = images[index]
        assert np.array_equal(pixels, PREPROCESSING.square(path))
        assert (label, row) == (LABELS[index], index)


def test_evaluation_image_is_the_same_in_every_epoch(paths: list[Path]) -> None:
    images = dataset(paths, None)
    assert np.array_equal(images[2].pixels, images[2 + 3 * 4].pixels)


def test_key_decides_the_pixels(paths: list[Path]) -> None:
    images = dataset(paths, AUGMENTATION)
    first = images[6].pixels
    torch.rand(5)
    assert np.array_equal(images[6].pixels, first)
    assert np.array_equal(dataset(paths, AUGMENTATION)[6].pixels, first)


def test_every_epoch_shows_an_image_differently(paths: list[Path]) -> None:
    images = dataset(paths, AUGMENTATION)
    views = [images[2 + epoch * 4] for epoch in range(10)]
    assert {(view.label, view.row) for view in views} == {(1, 2)}
    assert len({view.pixels.tobytes() for view in views}) == 10


def test_seed_changes_the_augmentation(paths: list[Path]) -> None:
    one, other = (dataset(paths, AUGMENTATION, seed)[0].pixels for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_augmentation_leaves_the_global_random_numbers_alone(paths: list[Path]) -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    dataset(paths, AUGMENTATION)[0]
    assert torch.equal(torch.rand(3), expected)


def test_image_that_is_gone_is_named(paths: list[Path]) -> None:
    paths[1].unlink()
    with pytest.raises(InputError, match=r"1\.png does not exist"):
        dataset(paths, None)[1]


def test_batch_stacks_the_examples_channel_by_channel(paths: list[Path]) -> None:
    examples = [dataset(paths, None)[row] for row in (2, 0)]
    images, labels, indices = collate(examples)
    assert (images.dtype, tuple(images.shape)) == (torch.uint8, (2, 3, 8, 8))
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert np.array_equal(images[0, 1], examples[0].pixels[:, :, 1])
    assert (labels.tolist(), indices.tolist()) == ([1, 2], [2, 0])


@pytest.mark.parametrize("augmentation", [None, AUGMENTATION, light(), fused(0.6, 0.2, 0.2, 0.2, 0.02)])
def test_a_spawned_process_gets_the_same_images(paths: list[Path], augmentation: Augmentation | None) -> None:
    images = dataset(paths, augmentation)
    assert np.array_equal(pickle.loads(pickle.dumps(images))[5].pixels, images[5].pixels)


def test_sampler_gives_every_image_once_in_the_keys_of_its_epoch() -> None:
    sampler = EpochSampler(50, 0, draw_of("shuffle", np.zeros(50, np.int64)))
    assert len(sampler) == 50
    for epoch in (0, 1, 7):
        sampler.set_epoch(epoch)
        assert sorted(sampler) == list(range(epoch * 50, (epoch + 1) * 50))


def test_sampler_orders_by_epoch_and_seed_alone() -> None:
    def order(seed: int, epoch: int) -> list[int]:
        sampler = EpochSampler(50, seed, draw_of("shuffle", np.zeros(50, np.int64)))
        sampler.set_epoch(epoch)
        return [key % 50 for key in sampler]

    assert order(0, 1) == order(0, 1)
    orders = {tuple(order(seed, epoch)) for seed in (0, 1) for epoch in (0, 1, 2)}
    assert len(orders) == 6
    assert tuple(range(50)) not in orders


def batches(sampler: EpochSampler, size: int) -> list[set[int]]:
    keys = list(sampler)
    return [set(keys[start : start + size]) for start in range(0, len(keys) - size + 1, size)]


@pytest.mark.parametrize("images", [48, 50, 51, 55])
def test_processes_together_make_the_batches_of_one_with_larger_ones(images: int) -> None:
    # With replacement: the images of both processes are told apart by their repetition.
    draw = draw_of("square_root", [0] * 10 + [1] * (images - 10))
    alone = EpochSampler(images, 0, draw, drop_last=True)
    pair = [EpochSampler(images, 0, draw, 2, process, drop_last=True) for process in (0, 1)]
    for sampler in (alone, *pair):
        sampler.set_epoch(3)
    first, second = (batches(sampler, 4) for sampler in pair)
    assert [one | other for one, other in zip(first, second, strict=True)] == batches(alone, 8)


def test_processes_get_equally_many_images_where_none_may_be_left_out() -> None:
    draw = draw_of("shuffle", [0] * 3)
    keys = [list(EpochSampler(3, 0, draw, 8, process)) for process in range(8)]
    assert {len(one) for one in keys} == {1}
    assert {key for one in keys for key in one} == {0, 1, 2}


def test_a_resumed_epoch_begins_where_it_was_left_and_the_next_one_at_its_start() -> None:
    draw = draw_of("shuffle", np.zeros(50, np.int64))
    whole, resumed = (EpochSampler(50, 0, draw, processes=2, process=1) for _ in range(2))
    resumed.resume(epoch=2, skipped=8)
    whole.set_epoch(2)
    assert list(resumed) == list(whole)[8:]
    assert len(resumed) == 25
    for sampler in (whole, resumed):
        sampler.set_epoch(3)
    assert list(resumed) == list(whole)
