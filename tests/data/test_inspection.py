import hashlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lightning_skin.data.inspection import RECORD, Facts, inspect_images
from lightning_skin.data.reading import read_image

WriteImage = Callable[..., Path]

STORED = RECORD.itemsize + 4  # with a checksum

INSPECT = """
import sys
from pathlib import Path
from lightning_skin.data import record_file
from lightning_skin.data.inspection import inspect_images

record_file.FLUSH_AFTER = 20
root = Path(sys.argv[1])
inspect_images(root, sorted(path.name for path in root.iterdir()), Path(sys.argv[2]))
"""


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def remembered(cache: Path) -> int:
    """Records in the cache."""
    return sum(file.stat().st_size for file in cache.glob("*")) // STORED


def replace_content(path: Path, other: Path) -> None:
    """Give a file other bytes, of the same number, and leave its time as it was."""
    status = path.stat()
    content = other.read_bytes()
    assert len(content) == status.st_size
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def assert_same(first: Facts, second: Facts) -> None:
    assert first.table.equals(second.table)
    np.testing.assert_array_equal(first.thumbnails, second.thumbnails)


def test_facts_of_a_known_image(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 32), (200, 100, 40))
    image.paste((0, 0, 0), (0, 0, 32, 32))
    image.save(tmp_path / "half.png")
    facts = inspect_images(tmp_path, ["half.png"], None)
    assert facts.table.to_dict("records") == [
        {
            "width": 64,
            "height": 32,
            "content_hash": hashlib.sha256((tmp_path / "half.png").read_bytes()).hexdigest(),
            "red": 100,
            "green": 50,
            "blue": 20,
            "error": "",
        }
    ]
    grey = round(0.299 * 200 + 0.587 * 100 + 0.114 * 40)
    assert facts.thumbnails.dtype == np.uint8
    assert facts.thumbnails.tolist() == [[[0] * 16 + [grey] * 16] * 32]


def test_scaled_decoding_keeps_size_and_colour(tmp_path: Path) -> None:
    y, x = np.mgrid[:601, :1999]
    pixels = np.stack([x / 8, y / 3, 255 - x / 8], axis=2).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.jpg", quality=95)
    facts = inspect_images(tmp_path, ["large.jpg"], None)
    row = facts.table.iloc[0]
    assert (row["width"], row["height"]) == (1999, 601)
    np.testing.assert_allclose(row[["red", "green", "blue"]].tolist(), pixels.mean((0, 1)), atol=2)
    whole = read_image(tmp_path / "large.jpg").resize((32, 32), Image.Resampling.BOX).convert("L")
    assert np.abs(facts.thumbnails[0] - np.asarray(whole, float)).max() < 4


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(64, 48), (600, 598)])
def test_size_and_thumbnail_are_upright(
    tmp_path: Path, suffix: str, orientation: int, size: tuple[int, int]
) -> None:
    stored = Image.new("RGB", size, "white")
    stored.paste((0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    stored.save(tmp_path / f"image.{suffix}", exif=exif(orientation))
    facts = inspect_images(tmp_path, [f"image.{suffix}"], None)
    image = read_image(tmp_path / f"image.{suffix}")
    assert (facts.table["width"][0], facts.table["height"][0]) == image.size
    expected = np.asarray(image.convert("L").resize((2, 2), Image.Resampling.BOX)) > 128
    corners = facts.thumbnails[0][::31, ::31] > 128
    assert corners.tolist() == expected.tolist()


def test_each_broken_file_has_its_reason(tmp_path: Path, write_image: WriteImage) -> None:
    whole = write_image(tmp_path / "whole.jpg", 64, 48).read_bytes()
    (tmp_path / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("this is no image\n" * 20)
    (tmp_path / "folder.jpg").mkdir()
    paths = ["truncated.jpg", "whole.jpg", "empty.jpg", "text.jpg", "folder.jpg", "missing.jpg"]
    facts = inspect_images(tmp_path, paths, tmp_path / "cache")
    reasons = [
        "truncated",
        None,
        "the file is empty",
        "it is not an image in a known format",
        "Is a directory",
        "No such file",
    ]
    for error, reason in zip(facts.table["error"], reasons, strict=True):
        assert (error == "") if reason is None else (reason in error)
    broken = facts.table["error"] != ""
    assert (facts.table.loc[broken, ["width", "height", "red", "green", "blue"]] == 0).all(axis=None)
    assert (facts.table.loc[broken, "content_hash"] == "").all()
    assert facts.table.loc[1, ["width", "height"]].tolist() == [64, 48]
    assert remembered(tmp_path / "cache") == 1


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_damaged_bytes_never_stop_the_inspection(
    tmp_path: Path, write_image: WriteImage, suffix: str
) -> None:
    whole = write_image(tmp_path / f"whole.{suffix}", 32, 24).read_bytes()
    rng = np.random.default_rng(0)
    for number in range(60):
        content = bytearray(whole[: rng.integers(1, len(whole) + 1)] if number % 2 else whole)
        for place in rng.integers(0, min(len(content), 300), 3 * (number % 2 == 0)):
            content[place] = rng.integers(256)
        (tmp_path / f"{number}.{suffix}").write_bytes(content)
    paths = [f"{number}.{suffix}" for number in range(60)]
    facts = inspect_images(tmp_path, paths, None)
    readable = facts.table["error"] == ""
    assert (facts.table.loc[readable, "width"] > 0).all()
    assert (facts.table.loc[~readable, "width"] == 0).all()
    assert (~readable).sum() >= 20


def test_files_keep_their_order(tmp_path: Path, write_image: WriteImage) -> None:
    paths = [write_image(tmp_path / f"{width}.png", width, 3).name for width in range(60, 0, -1)]
    for _ in range(2):
        facts = inspect_images(tmp_path, paths, tmp_path / "cache")
        assert facts.table["width"].tolist() == list(range(60, 0, -1))


def test_some_of_the_facts_are_taken(tmp_path: Path, write_image: WriteImage) -> None:
    paths = [write_image(tmp_path / f"{width}.png", width, 3).name for width in range(1, 5)]
    facts = inspect_images(tmp_path, paths, None)
    some = facts.take(np.array([False, True, False, True]))
    assert_same(some, inspect_images(tmp_path, paths[1::2], None))


def test_no_images_are_no_facts(tmp_path: Path) -> None:
    facts = inspect_images(tmp_path, [], tmp_path / "cache")
    assert len(facts.table) == 0
    assert facts.thumbnails.shape == (0, 32, 32)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7, 9)])
def test_tiny_images_are_usable(tmp_path: Path, write_image: WriteImage, size: tuple[int, int]) -> None:
    for suffix in ("jpg", "png"):
        name = write_image(tmp_path / f"image.{suffix}", *size).name
        row = inspect_images(tmp_path, [name], None).table.iloc[0]
        assert (row["width"], row["height"], row["error"]) == (*size, "")


def test_a_second_look_opens_nothing_until_the_time_of_a_file_changes(tmp_path: Path) -> None:
    for name, colour in (("red", (255, 0, 0)), ("other", (0, 0, 255))):
        Image.new("RGB", (8, 6), colour).save(tmp_path / f"{name}.bmp")
    first = inspect_images(tmp_path, ["red.bmp"], tmp_path / "cache")
    replace_content(tmp_path / "red.bmp", tmp_path / "other.bmp")
    assert_same(inspect_images(tmp_path, ["red.bmp"], tmp_path / "cache"), first)
    os.utime(tmp_path / "red.bmp", ns=(1, 1))
    changed = inspect_images(tmp_path, ["red.bmp"], tmp_path / "cache")
    assert changed.table[["red", "green", "blue"]].to_numpy().tolist() == [[0, 0, 255]]
    assert changed.table["content_hash"][0] != first.table["content_hash"][0]


def test_without_a_cache_every_look_is_new(tmp_path: Path) -> None:
    for name, colour in (("red", (255, 0, 0)), ("other", (0, 0, 255))):
        Image.new("RGB", (8, 6), colour).save(tmp_path / f"{name}.bmp")
    inspect_images(tmp_path, ["red.bmp"], None)
    replace_content(tmp_path / "red.bmp", tmp_path / "other.bmp")
    assert inspect_images(tmp_path, ["red.bmp"], None).table["blue"].tolist() == [255]


def test_folders_of_one_name_do_not_share_what_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, colour in (("one", (255, 0, 0)), ("two", (0, 0, 255))):
        path = tmp_path / folder / "images" / "image.bmp"
        path.parent.mkdir(parents=True)
        Image.new("RGB", (8, 6), colour).save(path)
        os.utime(path, ns=(1, 1))
    blue = []
    for folder in ("one", "two"):
        monkeypatch.chdir(tmp_path / folder)
        facts = inspect_images(Path("images"), ["image.bmp"], tmp_path / "cache")
        blue.append(facts.table["blue"][0])
    assert blue == [0, 255]


def test_a_broken_file_is_looked_at_again(tmp_path: Path, write_image: WriteImage) -> None:
    whole = write_image(tmp_path / "image.png").read_bytes()
    (tmp_path / "image.png").write_bytes(bytes(len(whole)))
    status = (tmp_path / "image.png").stat()
    assert inspect_images(tmp_path, ["image.png"], tmp_path / "cache").table["error"][0] != ""
    (tmp_path / "image.png").write_bytes(whole)
    os.utime(tmp_path / "image.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert inspect_images(tmp_path, ["image.png"], tmp_path / "cache").table["error"][0] == ""


def test_names_of_any_kind_are_remembered(tmp_path: Path, write_image: WriteImage) -> None:
    names = ["a b.png", "Muttermal ä.png", "皮膚.png", os.fsdecode(b"latin\xe4.png")]
    for name in names:
        write_image(tmp_path / name)
    first = inspect_images(tmp_path, names, tmp_path / "cache")
    assert first.table["error"].tolist() == [""] * 4
    assert remembered(tmp_path / "cache") == 4


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    content = rng.integers(0, 256, (700, 900, 3), dtype=np.uint8)
    Image.fromarray(content).save(tmp_path / "noise.png", compress_level=1)
    (tmp_path / "images").mkdir()
    names = [f"{number:03}.png" for number in range(200)]
    for name in names:
        (tmp_path / "images" / name).hardlink_to(tmp_path / "noise.png")
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", INSPECT, str(tmp_path / "images"), str(cache)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while remembered(cache) < 40 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = remembered(cache)
    assert 40 <= kept < 200
    inspect_images(tmp_path / "images", names, cache)
    assert remembered(cache) == 200  # as many were looked at again as were missing


@pytest.mark.parametrize("content", [b"garbage" * 5000, b"\0" * 5000, b"", b"x"])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, write_image: WriteImage, content: bytes) -> None:
    names = [write_image(tmp_path / f"{number}.png").name for number in range(5)]
    first = inspect_images(tmp_path, names, tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(content)
    for _ in range(2):
        assert_same(inspect_images(tmp_path, names, tmp_path / "cache"), first)


def test_processes_that_look_at_once_leave_the_truth(tmp_path: Path, write_image: WriteImage) -> None:
    names = [write_image(tmp_path / "images" / f"{number:03}.png").name for number in range(200)]
    expected = inspect_images(tmp_path / "images", names, None)
    command = [sys.executable, "-c", INSPECT, str(tmp_path / "images"), str(tmp_path / "cache")]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert_same(inspect_images(tmp_path / "images", names, tmp_path / "cache"), expected)


def test_a_cache_that_cannot_be_written_costs_one_warning(
    tmp_path: Path, write_image: WriteImage, caplog: pytest.LogCaptureFixture
) -> None:
    names = [write_image(tmp_path / f"{number}.png").name for number in range(3)]
    (tmp_path / "cache").write_text("no folder")
    with caplog.at_level(logging.WARNING):
        facts = inspect_images(tmp_path, names, tmp_path / "cache")
    assert_same(facts, inspect_images(tmp_path, names, None))
    assert ["data.cache_dir" in message for message in caplog.messages] == [True]
