from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import light
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

COUNTS = {"bcc": 5, "mel": 10, "nv": 20}


@pytest.fixture
def root(tmp_path: Path, write_image: WriteImage) -> Path:
    """Three classes; the split gives train 3 + 6 + 12 images, val and test 1 + 2 + 4 each."""
    for label, count in COUNTS.items():
        for number in range(count):
            write_image(tmp_path / label / f"{number}.png")
    return tmp_path


def module(root: Path, **changes: Any) -> SkinLesionDataModule:
    arguments = {
        "source": lambda: folder(str(root), None),
        "split": SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False),
        "seed": 0,
        "labels": None,
        "audit": AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None),
        "image_size": 8,
        "augmentation": light(),
        "batch_size": 4,
        "num_workers": 0,
    }
    return SkinLesionDataModule(**(arguments | changes))


def test_classes_are_sorted_and_counted_in_train(root: Path) -> None:
    data = module(root)
    assert data.class_names == ("bcc", "mel", "nv")
    assert data.class_counts() == [3, 6, 12]


def test_class_order_comes_from_use(root: Path) -> None:
    manifest = module(root).manifest
    data = module(root, source=None)
    data.use(manifest, Preprocessing(4), ["nv", "df", "mel", "bcc"])
    assert data.class_names == ("nv", "df", "mel", "bcc")
    assert data.class_counts() == [12, 0, 6, 3]
    test = data.dataset("test")
    assert test[0].images.shape == (3, 4, 4)
    expected = [data.class_names.index(label) for label in manifest.rows("test")["label"]]
    assert test.labels == expected


def test_class_that_the_checkpoint_does_not_know_is_refused(root: Path) -> None:
    data = module(root)
    with pytest.raises(
        InputError, match=r"holds the class\(es\) bcc, expected those of the checkpoint: mel, nv"
    ):
        data.use(data.manifest, Preprocessing(8), ["mel", "nv"])


def test_module_without_data_says_how_to_name_it(root: Path) -> None:
    with pytest.raises(InputError, match=r"data=folder data\.root=FOLDER"):
        module(root, source=None).manifest  # noqa: B018


def test_source_is_read_once(root: Path) -> None:
    calls = []
    data = module(root, source=lambda: calls.append(1) or folder(str(root), None))
    assert calls == []
    assert data.manifest is data.manifest
    assert calls == [1]


def test_train_batches_are_whole_and_val_batches_complete(root: Path) -> None:
    data = module(root)
    assert [len(batch.labels) for batch in data.train_dataloader()] == [4] * 5  # of 21 images
    assert [len(batch.labels) for batch in data.val_dataloader()] == [4, 3]
    assert [len(batch.labels) for batch in data.test_dataloader()] == [4, 3]


def test_train_set_smaller_than_a_batch_is_not_dropped(root: Path) -> None:
    assert [len(batch.labels) for batch in module(root, batch_size=64).train_dataloader()] == [21]


@pytest.mark.parametrize("split", ["val", "test"])
def test_evaluation_batches_follow_the_table(root: Path, split: str) -> None:
    data = module(root)
    batches = list(getattr(data, f"{split}_dataloader")())
    assert torch.cat([batch.indices for batch in batches]).tolist() == list(range(7))
    labels = torch.cat([batch.labels for batch in batches]).tolist()
    assert [data.class_names[label] for label in labels] == data.manifest.rows(split)["label"].tolist()
    images = torch.cat([batch.images for batch in batches])
    assert torch.equal(images[3], data.dataset(split)[3].images)


def test_the_seed_decides_the_order_and_not_the_split(root: Path) -> None:
    first, second = module(root, seed=0), module(root, seed=1)
    assert first.manifest.hash == second.manifest.hash
    orders = [torch.cat([batch.indices for batch in data.train_dataloader()]) for data in (first, second)]
    assert orders[0].tolist() != orders[1].tolist()


def test_training_is_augmented_and_evaluation_is_not(root: Path) -> None:
    data = module(root)
    plain = data.dataset("train")
    batch = next(iter(data.train_dataloader()))
    same = [
        torch.equal(image, plain[int(index)].images)
        for image, index in zip(batch.images, batch.indices, strict=True)
    ]
    assert not all(same)


def test_worker_processes_read_the_same_batches(root: Path) -> None:
    alone, shared = (list(module(root, num_workers=count).train_dataloader()) for count in (0, 2))
    assert len(alone) == len(shared) == 5
    for mine, theirs in zip(alone, shared, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))


def test_loaders_leave_the_global_random_numbers_alone(root: Path) -> None:
    data = module(root)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    list(data.train_dataloader())
    assert torch.equal(torch.rand(3), expected)


def test_workers_default_to_at_most_eight(root: Path) -> None:
    assert 1 <= module(root, num_workers=None).num_workers <= 8


def test_labels_may_be_renamed_and_dropped(root: Path) -> None:
    data = module(root, labels={"mel": "melanoma", "bcc": None})
    assert data.class_names == ("melanoma", "nv")
    assert data.class_counts() == [6, 12]


def test_labels_without_data_are_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"data\.labels renames nothing here; name the data"):
        module(root, source=None, labels={"mel": "melanoma"})
