import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lightning_skin.data.augmentation import light
from lightning_skin.data.dataset import ImageDataset, ImageFiles, collate
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.stream.images import StreamedExamples, StreamedImages, StreamLoader
from lightning_skin.data.stream.shards import find_shards
from lightning_skin.errors import InputError

pytest.importorskip("litdata", reason="litdata is not installed")

PREPROCESSING = Preprocessing(8)


@pytest.fixture
def manifest(images: Path, build: Callable[..., Manifest]) -> Manifest:
    return build(images)


@pytest.fixture
def streamed(manifest: Manifest, tmp_path: Path) -> StreamedImages:
    shards = find_shards(str(tmp_path / "store"), manifest, "train")
    return StreamedImages(shards, PREPROCESSING.frame, tmp_path / "cache")


def from_files(manifest: Manifest) -> ImageFiles:
    return ImageFiles(manifest.root, manifest.rows("train")["path"].tolist(), PREPROCESSING.frame)


def data(images: StreamedImages | ImageFiles) -> ImageDataset:
    return ImageDataset(images, [row % 3 for row in range(45)], light(), 8, seed=0)


def epoch_of(examples: StreamedExamples, epoch: int) -> list[int]:
    examples.set_epoch(epoch)
    return [example.row for example in examples]


def test_images_are_those_of_the_files(manifest: Manifest, streamed: StreamedImages) -> None:
    files = from_files(manifest)
    assert len(streamed) == len(files) == 45
    for row in range(45):
        assert np.array_equal(streamed[row], files[row])


def test_images_can_be_read_by_another_process_after_they_were_read_here(streamed: StreamedImages) -> None:
    first = streamed[0]
    assert np.array_equal(pickle.loads(pickle.dumps(streamed))[0], first)


def test_an_epoch_holds_every_image_once_in_an_order_of_its_own(streamed: StreamedImages) -> None:
    examples = StreamedExamples(data(streamed), streamed, batch_size=4, num_workers=0)
    orders = [epoch_of(examples, epoch) for epoch in (0, 1)]
    assert [sorted(order) for order in orders] == [list(range(45))] * 2
    assert orders[0] != orders[1]
    assert epoch_of(examples, 0) == orders[0]


def test_an_epoch_that_was_left_early_starts_anew(streamed: StreamedImages) -> None:
    examples = StreamedExamples(data(streamed), streamed, batch_size=4, num_workers=0)
    whole = epoch_of(examples, 1)
    examples.set_epoch(0)
    next(iter(examples))
    assert epoch_of(examples, 1) == whole


@pytest.mark.parametrize("epoch", [0, 3])
def test_an_image_looks_in_an_epoch_as_it_does_from_its_file(
    manifest: Manifest, streamed: StreamedImages, epoch: int
) -> None:
    files = data(from_files(manifest))
    examples = StreamedExamples(data(streamed), streamed, batch_size=4, num_workers=0)
    examples.set_epoch(epoch)
    for example in examples:
        expected = files[epoch * 45 + example.row]
        assert np.array_equal(example.pixels, expected.pixels)
        assert example.label == expected.label


def test_what_cannot_be_decoded_is_named(streamed: StreamedImages) -> None:
    with pytest.raises(InputError, match=r"image 7 of .*train-\w+ cannot be read: .* not an image"):
        streamed.decoded((7, memoryview(b"nothing")))


def test_a_store_that_cannot_be_reached_is_named(streamed: StreamedImages, tmp_path: Path) -> None:
    absent = streamed.shards._replace(address=str(tmp_path / "absent"))
    images = StreamedImages(absent, PREPROCESSING.frame, tmp_path / "cache")
    with pytest.raises(
        InputError, match=r"the shards at .*absent cannot be opened: .* mode=prepare data\.stream="
    ):
        images[0]


def test_streaming_leaves_the_global_random_numbers_alone(streamed: StreamedImages) -> None:
    torch.manual_seed(0)
    np.random.seed(0)
    expected = torch.rand(3), np.random.rand(3)
    torch.manual_seed(0)
    np.random.seed(0)
    epoch_of(StreamedExamples(data(streamed), streamed, batch_size=4, num_workers=0), 0)
    assert torch.equal(torch.rand(3), expected[0])
    assert np.array_equal(np.random.rand(3), expected[1])


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_resumed_epoch_begins_where_it_was_left_and_the_next_one_at_its_start(
    streamed: StreamedImages, num_workers: int
) -> None:
    def loader(skipped: int) -> StreamLoader:
        examples = StreamedExamples(data(streamed), streamed, 4, num_workers)
        examples.resume(epoch=1, skipped=skipped)
        batches = DataLoader(
            examples,  # type: ignore[arg-type]
            batch_size=4,
            collate_fn=collate,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
        )
        return StreamLoader(batches, examples)

    whole, resumed = loader(0), loader(20)
    for epoch, skipped in ((1, 5), (2, 0)):
        batches = [list(one) for one in (whole, resumed)]
        assert len(batches[0]) == len(batches[1]) + skipped
        for expected, found in zip(batches[0][skipped:], batches[1], strict=True):
            assert torch.equal(found.indices, expected.indices)
            assert torch.equal(found.images, expected.images)
        for one in (whole, resumed):
            one.sampler.set_epoch(epoch + 1)


def test_images_that_were_trained_on_are_not_decoded_again(streamed: StreamedImages) -> None:
    decoded, decode = [], streamed.decode
    streamed.decode = lambda content: decoded.append(str(content)) or decode(content)
    examples = StreamedExamples(data(streamed), streamed, batch_size=4, num_workers=0)
    examples.resume(epoch=0, skipped=40)
    assert len(list(examples)) == 45
    assert len(decoded) == 5
