import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.manifest import Manifest
from lightning_skin.data.stream import shards as writing
from lightning_skin.data.stream.shards import find_shards, require_local, write_shards
from lightning_skin.errors import InputError

litdata = pytest.importorskip("litdata", reason="litdata is not installed")

BuildManifest = Callable[..., Manifest]
WriteImage = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def manifest(images: Path, build: BuildManifest) -> Manifest:
    return build(images)


def sets(store: Path) -> list[str]:
    return sorted(path.name for path in store.iterdir() if path.name != ".lock")


@pytest.mark.parametrize(("split", "count"), [("train", 45), ("val", 15), ("test", 15)])
def test_every_image_is_stored_once_with_the_bytes_of_its_file(
    manifest: Manifest, store: Path, split: str, count: int
) -> None:
    found = find_shards(str(store), manifest, split)
    stored = litdata.StreamingDataset(found.address)
    paths = manifest.rows(split)["path"]
    assert sorted(found.rows.tolist()) == list(range(count)) == [stored[at][0] for at in range(count)]
    for position, row in enumerate(found.rows):
        assert bytes(stored[position][1]) == (manifest.root / paths[row]).read_bytes()


def test_training_images_are_spread_over_shards_and_the_others_lie_in_the_order_of_the_table(
    manifest: Manifest, store: Path
) -> None:
    train, test = (find_shards(str(store), manifest, split) for split in ("train", "test"))
    assert test.rows.tolist() == list(range(15))
    # By class they lie one after the other in the table.
    labels = manifest.rows("train")["label"].to_numpy()[train.rows]
    assert (labels[1:] != labels[:-1]).sum() > 5
    assert len(list(Path(train.address).glob("*.bin"))) >= writing.FEWEST_SHARDS


def test_a_shard_is_no_larger_than_the_limit(
    manifest: Manifest, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "FEWEST_SHARDS", 1)
    files = [manifest.root / path for path in manifest.rows("train")["path"]]
    monkeypatch.setattr(writing, "SHARD_BYTES", 10 * sum(file.stat().st_size for file in files) // 45)
    written = Path(find_shards(str(store), manifest, "train").address)
    sizes = [file.stat().st_size for file in written.glob("*.bin")]
    assert len(sizes) == 5  # 45 images of about the same size, ten a shard
    assert max(sizes) < 1.2 * writing.SHARD_BYTES


def test_shards_are_written_once(
    manifest: Manifest, store: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    first = find_shards(str(store), manifest, "test")
    assert [message.partition(":")[0] for message in caplog.messages] == [
        f"Writing 15 images into {first.address} once"
    ]
    assert capsys.readouterr().out.strip() == ""
    for path in manifest.rows("test")["path"]:
        (manifest.root / path).unlink()
    caplog.clear()
    assert find_shards(str(store), manifest, "test").address == first.address
    assert caplog.messages == []


def test_other_names_for_labels_need_no_other_shards(manifest: Manifest, store: Path) -> None:
    first = find_shards(str(store), manifest, "train")
    renamed = replace(manifest, table=manifest.table.assign(label="any"))
    assert find_shards(str(store), renamed, "train").address == first.address


def test_another_split_or_a_changed_image_is_another_set(
    manifest: Manifest, images: Path, store: Path, build: BuildManifest, write_image: WriteImage
) -> None:
    first = find_shards(str(store), manifest, "train")
    other = find_shards(str(store), build(images, seed=1), "train")
    write_image(images / manifest.rows("train")["path"][0])
    changed = find_shards(str(store), build(images), "train")
    assert len({first.address, other.address, changed.address}) == 3
    assert len(sets(store)) == 3


def test_an_image_that_changed_after_the_manifest_is_refused_and_nothing_is_left(
    manifest: Manifest, store: Path, write_image: WriteImage
) -> None:
    changed = write_image(manifest.root / manifest.rows("train")["path"][30])
    with pytest.raises(InputError, match=f"{changed} is not what it was when the manifest was made"):
        find_shards(str(store), manifest, "train")
    assert sets(store) == []


def test_without_images_and_shards_the_error_names_both(manifest: Manifest, store: Path) -> None:
    shutil.rmtree(manifest.root)
    with pytest.raises(
        InputError, match=rf"{store} holds no val-\w+, .* gone: {manifest.root}.* data\.stream"
    ):
        find_shards(str(store), manifest, "val")
    assert not store.exists()


def test_a_full_disk_is_known_before_anything_is_written(
    manifest: Manifest, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1000))
    with pytest.raises(InputError, match=r"need 0\.0 GB in .* has 0\.0 GB left; make room, .*data\.stream="):
        find_shards(str(store), manifest, "train")
    assert sets(store) == []


def test_a_store_that_is_a_file_is_refused(manifest: Manifest, store: Path) -> None:
    store.write_text("")
    with pytest.raises(InputError, match=rf"shards of data\.stream={store} cannot be written: File exists"):
        find_shards(str(store), manifest, "train")


def damage(kind: str, folder: Path) -> None:
    shard, index = folder / "chunk-0-3.bin", folder / "index.json"
    match kind:
        case "deleted":
            shard.unlink()
        case "cut off":
            os.truncate(shard, shard.stat().st_size - 1)
        case "no index":
            index.unlink()
        case "half an index":
            os.truncate(index, index.stat().st_size // 2)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("deleted", r"its chunk-0-3\.bin has 0 bytes, expected \d+"),
        ("cut off", r"its chunk-0-3\.bin has \d+ bytes, expected \d+"),
        ("no index", r"its index\.json cannot be read"),
        ("half an index", r"its index\.json cannot be read"),
    ],
)
def test_damaged_shards_are_refused_in_one_line(manifest: Manifest, store: Path, kind: str, why: str) -> None:
    folder = Path(find_shards(str(store), manifest, "train").address)
    damage(kind, folder)
    with pytest.raises(InputError, match=rf"the shards in {folder} are damaged: {why}; delete that folder"):
        find_shards(str(store), manifest, "train")


def test_shards_of_other_images_under_the_name_of_a_set_are_refused(manifest: Manifest, store: Path) -> None:
    val, train = (Path(find_shards(str(store), manifest, split).address) for split in ("val", "train"))
    shutil.rmtree(train)
    val.rename(train)
    with pytest.raises(InputError, match="are damaged: it holds 15 images, expected 45"):
        find_shards(str(store), manifest, "train")


def test_shards_of_all_splits_that_hold_images_can_be_written_before_training(
    manifest: Manifest, store: Path
) -> None:
    some = replace(manifest, table=manifest.table[manifest.table["split"] != "val"])
    write_shards(str(store), some)
    assert [name.partition("-")[0] for name in sets(store)] == ["test", "train"]
    write_shards(str(store), manifest)
    shutil.rmtree(manifest.root)
    assert [len(find_shards(str(store), manifest, split).rows) for split in ("train", "val", "test")] == [
        45,
        15,
        15,
    ]


def test_an_address_is_refused_where_shards_are_to_be_written(store: Path) -> None:
    require_local(str(store))
    with pytest.raises(InputError, match=r"data\.stream=s3://skin is no folder; write the shards to one"):
        require_local("s3://skin")


def test_an_address_is_not_written_to(manifest: Manifest) -> None:
    found = find_shards("s3://bucket/skin/", manifest, "train")
    assert found.address.startswith("s3://bucket/skin/train-")
    assert np.array_equal(np.sort(found.rows), np.arange(45))


# A writer in a process of its own, which stops in the middle of the shards.
WRITER = """
import sys, time
from pathlib import Path
from lightning_skin.data.manifest import read_manifest
from lightning_skin.data.stream import shards
whole = shards._contents
def slow(files, hashes):
    for number, content in enumerate(whole(files, hashes)):
        if number == 20:
            Path(sys.argv[3]).touch()
            time.sleep(60)
        yield content
shards._contents = slow
shards.find_shards(sys.argv[2], read_manifest(Path(sys.argv[1])), "train")
"""


def test_a_writer_that_is_killed_leaves_nothing_that_is_taken_for_whole(
    manifest: Manifest, store: Path, tmp_path: Path
) -> None:
    manifest.write(tmp_path / "manifest.csv")
    began = tmp_path / "began"
    process = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "manifest.csv", store, began])
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (left,) = sets(store)
    assert left.startswith(".train-")
    found = find_shards(str(store), manifest, "train")
    assert sets(store) == [Path(found.address).name]
    assert len(litdata.StreamingDataset(found.address)) == 45
