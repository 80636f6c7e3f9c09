from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from torch.utils.data import DataLoader

from lightning_skin.data.audit.settings import AuditSettings
from lightning_skin.data.augmentation import light, mixing
from lightning_skin.data.datamodule import SkinLesionDataModule
from lightning_skin.data.dataset import Batch
from lightning_skin.data.preprocessing import Preprocessing
from lightning_skin.data.sources import folder
from lightning_skin.data.split_settings import SplitSettings
from lightning_skin.errors import InputError

WriteImage = Callable[..., Path]

COUNTS = {"bcc": 5, "mel": 10, "nv": 20}


OTHER_SPLIT = SplitSettings((0.6, 0.2, 0.2), 1, None, None, None, False)


@pytest.fixture
def root(tmp_path: Path, write_image: WriteImage) -> Path:
    """Three classes; the split gives train 3 + 6 + 12 images, val and test 1 + 2 + 4 each."""
    for label, count in COUNTS.items():
        for number in range(count):
            write_image(tmp_path / label / f"{number}.png")
    return tmp_path


def cache_folder(root: Path) -> Path:
    return root.with_name(f"{root.name}_cache")


def module(
    root: Path, data_module: type[SkinLesionDataModule] = SkinLesionDataModule, **changes: Any
) -> SkinLesionDataModule:
    arguments = {
        "source": lambda: folder(str(root), None),
        "split": SplitSettings((0.6, 0.2, 0.2), 0, None, None, None, False),
        "seed": 0,
        "labels": None,
        "audit": AuditSettings("skip", "group", "group", "pictures", "keep", "keep", cache_dir=None),
        "image_size": 8,
        "colour_constancy": "none",
        "border_crop": "none",
        "augmentation": light(),
        "mixing": None,
        "sampler": "shuffle",
        "batch_size": 4,
        "num_workers": 0,
        "cache": "none",
        "cache_dir": str(cache_folder(root)),
        "stream": None,
    }
    return data_module(**(arguments | changes))


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
    assert test[0].pixels.shape == (4, 4, 3)
    expected = [data.class_names.index(label) for label in manifest.rows("test")["label"]]
    assert test.labels.tolist() == expected


def test_class_that_the_checkpoint_does_not_know_is_refused(root: Path) -> None:
    data = module(root)
    with pytest.raises(
        InputError, match=r"holds the class\(es\) bcc, expected those of the checkpoint: mel, nv"
    ):
        data.use(data.manifest, Preprocessing(8), ["mel", "nv"])


def test_malignant_classes_are_those_that_the_user_or_else_the_source_names(root: Path) -> None:
    assert module(root).malignant == ()
    known = lambda: folder(str(root), None)._replace(malignant=("akiec", "mel"))  # noqa: E731
    assert module(root, source=known).malignant == ("mel",)
    assert module(root, source=known, malignant=["mel", "bcc"]).malignant == ("bcc", "mel")


def test_malignant_classes_that_no_image_has_are_refused_before_images_are_read(root: Path) -> None:
    (root / "mel" / "0.png").write_bytes(b"broken")
    strict = AuditSettings("fail", "group", "group", "pictures", "keep", "keep", cache_dir=None)
    data = module(root, malignant=["melanoma"], audit=strict)
    with pytest.raises(InputError, match="data.malignant names melanoma, expected some of the classes bcc, mel, nv"):
        data.manifest  # noqa: B018


def test_malignant_classes_of_a_checkpoint_are_used_unless_the_user_names_others(root: Path) -> None:
    manifest = module(root).manifest
    for named, expected in ((None, ("mel",)), (["bcc"], ("bcc",))):
        data = module(root, source=None, malignant=named)
        data.use(manifest, Preprocessing(8), ["nv", "mel", "bcc"], ["mel"])
        assert data.malignant == expected


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


def test_train_set_smaller_than_a_batch_is_not_dropped(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING"):
        assert [len(batch.labels) for batch in module(root, batch_size=64).train_dataloader()] == [21]
    assert "21 training images, fewer than a batch of 64: each epoch is a single step" in caplog.text


@pytest.mark.parametrize("split", ["val", "test"])
def test_evaluation_batches_follow_the_table(root: Path, split: str) -> None:
    data = module(root)
    batches = list(getattr(data, f"{split}_dataloader")())
    assert torch.cat([batch.indices for batch in batches]).tolist() == list(range(7))
    labels = torch.cat([batch.labels for batch in batches]).tolist()
    assert [data.class_names[label] for label in labels] == data.manifest.rows(split)["label"].tolist()
    images = torch.cat([batch.images for batch in batches])
    assert np.array_equal(images[3].permute(1, 2, 0), data.dataset(split)[3].pixels)


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
        np.array_equal(image.permute(1, 2, 0), plain[int(index)].pixels)
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


def evaluated(data: SkinLesionDataModule) -> torch.Tensor:
    return torch.cat([batch.images for batch in data.test_dataloader()])


@pytest.mark.parametrize("cache", ["memmap", "jpeg"])
def test_a_cache_changes_no_pixel_that_is_evaluated(root: Path, cache: str) -> None:
    assert torch.equal(evaluated(module(root, cache=cache)), evaluated(module(root)))


@pytest.mark.parametrize(("cache", "most"), [("memmap", 0), ("jpeg", 12)])
def test_a_cache_of_small_images_changes_training_within_its_losses(
    root: Path, cache: str, most: float
) -> None:
    # 24 x 16 pixels: at the working resolution, 8/7 of 14, they are whole.
    batches, cached = (
        next(iter(module(root, image_size=14, cache=kind).train_dataloader())) for kind in ("none", cache)
    )
    assert torch.equal(batches.indices, cached.indices)
    assert (batches.images.float() - cached.images.float()).abs().mean() <= most


def test_training_without_augmentation_is_evaluated_from_the_cache(root: Path) -> None:
    data = module(root, cache="jpeg", augmentation=None)
    plain = module(root).dataset("train")
    for batch in data.train_dataloader():
        for image, row in zip(batch.images, batch.indices, strict=True):
            assert np.array_equal(image.permute(1, 2, 0), plain[int(row)].pixels)


def test_a_cache_is_read_by_worker_processes(root: Path) -> None:
    alone, shared = (evaluated(module(root, cache="memmap", num_workers=count)) for count in (0, 2))
    assert torch.equal(alone, shared)


@pytest.mark.parametrize("change", [{"image_size": 16}, {"split": OTHER_SPLIT}], ids=["size", "split"])
def test_other_images_or_sizes_have_another_cache(root: Path, change: dict[str, Any]) -> None:
    evaluated(module(root, cache="memmap"))
    (first,) = cache_folder(root).glob("*.pixels")
    data = module(root, cache="memmap", **change)
    assert torch.equal(evaluated(data), evaluated(module(root, **change)))
    assert len(list(cache_folder(root).glob("*.pixels"))) == 2
    assert first.exists()


def test_a_changed_image_is_decoded_anew(root: Path, write_image: WriteImage) -> None:
    evaluated(module(root, cache="memmap"))
    tested = module(root).manifest.rows("test")["path"].iloc[0]
    write_image(root / tested)
    fresh = module(root, cache="memmap")
    assert torch.equal(evaluated(fresh), evaluated(module(root)))


def test_batches_are_normalised_after_the_transfer(root: Path) -> None:
    data = module(root)
    batch = next(iter(data.test_dataloader()))
    assert batch.images.dtype == torch.uint8
    images, labels, indices = data.on_after_batch_transfer(batch, 0)
    assert torch.equal(images, data.preprocessing.normalise(batch.images))
    assert torch.equal(labels, batch.labels)
    assert torch.equal(indices, batch.indices)


class Probe(LightningModule):
    """Remembers the type of its input."""

    def test_step(self, batch: Batch) -> None:
        self.seen = batch.images.dtype


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        ("32-true", torch.float32),
        ("bf16-mixed", torch.float32),
        ("bf16-true", torch.bfloat16),
        ("64-true", torch.float64),
    ],
)
def test_batches_have_the_precision_of_the_network(root: Path, precision: str, expected: torch.dtype) -> None:
    probe = Probe()
    trainer = Trainer(
        accelerator="cpu",
        precision=precision,
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        limit_test_batches=1,
    )
    trainer.test(probe, module(root), verbose=False)
    assert probe.seen == expected


class Trainee(LightningModule):
    """Learns nothing, and remembers what it was shown in each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.seen: dict[str, list[Batch]] = {}

    def training_step(self, batch: Batch) -> torch.Tensor:
        self.seen.setdefault(f"train {self.current_epoch}", []).append(batch)
        return self.weight * 0

    def validation_step(self, batch: Batch) -> None:
        self.seen.setdefault("val", []).append(batch)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.0)


def shown(data: SkinLesionDataModule, epochs: int, resume: Path | None = None, save: Path | None = None):
    trainee = Trainee()
    trainer = Trainer(
        accelerator="cpu",
        max_epochs=epochs,
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        num_sanity_val_steps=1,
    )
    trainer.fit(trainee, data, ckpt_path=resume, weights_only=True)
    if save is not None:
        trainer.save_checkpoint(save)
    return trainee.seen


def test_training_batches_are_mixed_and_validation_is_not(root: Path) -> None:
    data = module(root, mixing=mixing("cutmix", 1.0, 1.0, 1.0))
    plain = data.dataset("val")
    seen = shown(data, epochs=1)
    assert all(batch.labels.shape == (4, 3) for batch in seen["train 0"])
    torch.testing.assert_close(torch.cat([batch.labels.sum(1) for batch in seen["train 0"]]), torch.ones(20))
    assert any((batch.labels.amax(1) < 1).any() for batch in seen["train 0"])
    for batch in seen["val"]:
        assert batch.labels.tolist() == plain.labels[batch.indices].tolist()
        expected = [torch.from_numpy(plain[int(row)].pixels) for row in batch.indices]
        normalised = data.preprocessing.normalise(torch.stack(expected).permute(0, 3, 1, 2))
        assert torch.equal(batch.images, normalised)


def test_a_resumed_run_mixes_as_an_undisturbed_one(root: Path, tmp_path: Path) -> None:
    def data() -> SkinLesionDataModule:
        return module(root, mixing=mixing("both", 0.4, 1.0, 0.8))

    whole = shown(data(), epochs=2)
    shown(data(), epochs=1, save=tmp_path / "state.ckpt")
    resumed = shown(data(), epochs=2, resume=tmp_path / "state.ckpt")
    assert "train 0" not in resumed
    pairs = list(zip(whole["train 1"], resumed["train 1"], strict=True))
    assert len(pairs) == 5
    for one, other in pairs:
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    shares = [batch.labels.amax(1).tolist() for epoch in ("train 0", "train 1") for batch in whole[epoch]]
    assert len({tuple(share) for share in shares}) >= 7  # of ten batches, a fifth of which stays


class Ordered(SkinLesionDataModule):
    """The same batches in every epoch."""

    def train_dataloader(self) -> DataLoader[Batch]:
        return self._loader(self.dataset("train"))


def test_the_same_batch_is_mixed_anew_in_each_epoch_and_by_each_seed(root: Path) -> None:
    data = module(root, data_module=Ordered, mixing=mixing("mixup", 1.0, 1.0, 1.0))
    seen = shown(data, epochs=2)
    other = shown(module(root, data_module=Ordered, mixing=data.mixing, seed=1), epochs=1)
    batches = list(zip(seen["train 0"], seen["train 1"], other["train 0"], strict=True))
    for one, *others in batches[:-1]:  # the last is of one image
        assert all(torch.equal(one.indices, batch.indices) for batch in others)
        assert len({batch.images[0].sum().item() for batch in (one, *others)}) == 3


@pytest.mark.parametrize("cache", ["none", "memmap", "jpeg"])
def test_colours_and_border_are_those_of_every_reading_path(root: Path, cache: str) -> None:
    changes = {"colour_constancy": "shades_of_grey", "border_crop": "corners", "cache": cache}
    data, plain = module(root, **changes), module(root, cache=cache)
    evaluated(plain)
    expected = [data.preprocessing.square(root / path) for path in data.manifest.rows("test")["path"]]
    found = evaluated(data)
    assert np.array_equal(found.permute(0, 2, 3, 1), np.stack(expected))
    assert not torch.equal(found, evaluated(plain))
    batch, same = (next(iter(one.train_dataloader())) for one in (data, module(root, **changes)))
    assert torch.equal(batch.images, same.images)
    assert not torch.equal(batch.images, next(iter(plain.train_dataloader())).images)


def test_shards_are_read_with_colours_and_border(root: Path) -> None:
    changes = {"colour_constancy": "shades_of_grey", "border_crop": "corners"}
    assert torch.equal(evaluated(streamed(root, **changes)), evaluated(module(root, **changes)))


def streamed(root: Path, **changes: Any) -> SkinLesionDataModule:
    pytest.importorskip("litdata", reason="litdata is not installed")
    return module(root, stream=str(root.with_name(f"{root.name}_store")), **changes)


def test_shards_change_neither_classes_nor_split_nor_what_is_evaluated(root: Path) -> None:
    files, shards = module(root), streamed(root)
    assert shards.manifest.hash == files.manifest.hash
    assert (shards.class_names, shards.class_counts()) == (files.class_names, files.class_counts())
    for split in ("val", "test"):
        pairs = zip(*(getattr(data, f"{split}_dataloader")() for data in (files, shards)), strict=True)
        for one, other in pairs:
            assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(("batch_size", "sizes"), [(4, [4] * 5), (7, [7] * 3), (64, [21])])
def test_batches_of_a_streamed_epoch_are_as_large_as_those_of_files(
    root: Path, workers: int, batch_size: int, sizes: list[int]
) -> None:
    loader = streamed(root, batch_size=batch_size, num_workers=workers).train_dataloader()
    batches = list(loader)
    assert [len(batch.labels) for batch in batches] == sizes
    assert len(loader) == len(sizes)
    rows = torch.cat([batch.indices for batch in batches]).tolist()
    assert len(set(rows)) == len(rows) == sum(sizes)


@pytest.mark.parametrize("workers", [0, 2])
def test_worker_processes_that_live_on_hear_of_the_next_epoch(root: Path, workers: int) -> None:
    data = streamed(root, batch_size=7, num_workers=workers)
    loader, plain = data.train_dataloader(), module(root).dataset("train", light())
    orders = []
    for epoch in (0, 1, 5, 1):
        loader.sampler.set_epoch(epoch)
        batches = list(loader)
        orders.append([int(row) for batch in batches for row in batch.indices])
        for batch in batches:
            for image, row, label in zip(batch.images, batch.indices, batch.labels, strict=True):
                expected = plain[epoch * 21 + int(row)]
                assert np.array_equal(image.permute(1, 2, 0), expected.pixels)
                assert int(label) == expected.label
    assert [sorted(order) for order in orders] == [list(range(21))] * 4
    assert orders[1] == orders[3]
    assert len({tuple(order) for order in orders}) == 3


def test_an_image_left_out_of_one_streamed_epoch_is_in_another(root: Path) -> None:
    loader = streamed(root).train_dataloader()
    seen = set()
    for epoch in range(12):
        loader.sampler.set_epoch(epoch)
        seen |= {int(row) for batch in loader for row in batch.indices}  # 20 of 21
    assert seen == set(range(21))


@pytest.mark.parametrize("key", ["cache_dir", "stream"])
def test_a_file_in_place_of_a_folder_is_known_before_anything_is_read(root: Path, key: str) -> None:
    with pytest.raises(InputError, match=rf"data\.{key}=.*0\.png is a file, expected a folder"):
        module(root, **{key: str(root / "mel" / "0.png")})


def test_shards_among_the_images_are_refused(root: Path) -> None:
    pytest.importorskip("litdata", reason="litdata is not installed")
    data = module(root, stream=str(root / "store"))
    with pytest.raises(InputError, match=r"data\.stream=.*store lies in the images' own folder"):
        _ = data.manifest
    assert not (root / "store").exists()


def test_a_cache_of_streamed_images_is_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"data\.cache=memmap keeps all images on this disk"):
        streamed(root, cache="memmap")


def test_a_balanced_sampler_draws_rare_classes_as_often_as_frequent_ones(root: Path) -> None:
    loader = module(root, sampler="balanced").train_dataloader()
    drawn: Counter[int] = Counter()
    for epoch in range(20):
        loader.sampler.set_epoch(epoch)
        for batch in loader:
            drawn.update(batch.labels.tolist())
    shares = [count / drawn.total() for _, count in sorted(drawn.items())]
    assert shares == pytest.approx([1 / len(shares)] * len(shares), abs=0.08)


def test_a_sampler_of_single_images_is_refused_for_a_stream(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data\.sampler=balanced draws single images"):
        module(tmp_path, stream=str(tmp_path / "store"), sampler="balanced")


def test_metadata_of_mixed_images_are_refused(root: Path) -> None:
    with pytest.raises(InputError, match=r"who have no common model\.metadata; leave one of them out"):
        module(root, mixing=mixing("mixup", 0.2, 1.0, 1.0)).describe_metadata(["age"])
