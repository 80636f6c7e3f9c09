import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.cache.build import Content, cached
from lightning_skin.data.cache.codec import JPEG, RAW
from lightning_skin.errors import InputError

COUNT = 12


class Drawn:
    """Images of noise; counts how often one is asked for."""

    def __init__(self, count: int = COUNT) -> None:
        self.count = count
        self.asked = 0

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> np.ndarray:
        self.asked += 1
        return np.random.default_rng(row).integers(0, 256, (6, 6 + row % 3, 3), dtype=np.uint8)


def content(images: Drawn, **changes: object) -> Content:
    hashes = [f"hash of {row}" for row in range(len(images))]
    return Content(images, hashes, "drawn 6")._replace(**changes)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


# A builder in a process of its own. It says when it is ready and when it has begun to read an image; it goes
# on when it is told to.
BUILDER = """
import logging, signal, sys, time
from pathlib import Path
# A shell that starts the tests in the background has them ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
ready, began, go = (Path(path) for path in sys.argv[2:])
import numpy as np
from lightning_skin.data.cache.build import Content, cached
from lightning_skin.data.cache.codec import RAW

class Slow:
    def __len__(self): return 600
    def __getitem__(self, row):
        began.touch()
        while row > 300 and not go.exists():
            time.sleep(0.01)
        return np.full((6, 6, 3), row % 251, np.uint8)

logging.basicConfig(level=logging.INFO, format="%(message)s")
ready.touch()
images = cached(Content(Slow(), [str(row) for row in range(600)], "slow"), RAW, Path(sys.argv[1]))
print(sum(int(images[row][0, 0, 0]) for row in range(600)), flush=True)
"""
EXPECTED = str(sum(row % 251 for row in range(600)))


class Builder:
    """A process that builds the cache in ``folder``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.ready, self.began, self.go = (
            folder.parent / f"{name}.{what}" for what in ("ready", "began", "go")
        )
        arguments = [sys.executable, "-c", BUILDER, folder, self.ready, self.began, self.go]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self) -> tuple[str, str]:
        """What it prints and what it logs."""
        self.go.touch()
        return self.process.communicate(timeout=120)


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it never came")


def test_images_are_those_that_went_in(tmp_path: Path) -> None:
    images = Drawn()
    found = cached(content(images), RAW, tmp_path)
    assert len(found) == COUNT
    assert all(np.array_equal(found[row], images[row]) for row in range(COUNT))


def test_it_is_built_once(tmp_path: Path) -> None:
    images = Drawn()
    cached(content(images), RAW, tmp_path)
    assert images.asked == COUNT
    cached(content(images), RAW, tmp_path)
    assert images.asked == COUNT
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "change",
    [{"content_hashes": [f"hash of {row}" for row in reversed(range(COUNT))]}, {"decoding": "drawn 7"}],
    ids=str,
)
def test_other_content_has_another_cache(tmp_path: Path, change: dict[str, object]) -> None:
    images = Drawn()
    cached(content(images), RAW, tmp_path)
    cached(content(images, **change), RAW, tmp_path)
    cached(content(images), JPEG, tmp_path)
    assert images.asked == 3 * COUNT
    assert len(files(tmp_path)) == 3


def test_order_is_kept_over_many_chunks(tmp_path: Path) -> None:
    images = Drawn(1000)
    found = cached(content(images), RAW, tmp_path)
    assert all(np.array_equal(found[row], images[row]) for row in (0, 255, 256, 511, 512, 999))


@pytest.mark.parametrize("keep", [0, 100, -1], ids=["empty", "cut off", "one byte short"])
def test_a_truncated_cache_is_built_anew_with_one_warning(
    tmp_path: Path, keep: int, caplog: pytest.LogCaptureFixture
) -> None:
    images = Drawn()
    path = cached(content(images), RAW, tmp_path).path
    whole = path.read_bytes()
    path.write_bytes(whole[:keep])
    found = cached(content(images), RAW, tmp_path)
    assert all(np.array_equal(found[row], images[row]) for row in range(COUNT))
    assert path.read_bytes() == whole
    (warning,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.getMessage().startswith(f"The cache {path} is built anew: it")


def test_an_image_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    class Broken(Drawn):
        def __getitem__(self, row: int) -> np.ndarray:
            if row == 7:
                raise InputError("7.jpg cannot be read")
            return super().__getitem__(row)

    with pytest.raises(InputError, match=r"7\.jpg cannot be read"):
        cached(content(Broken()), RAW, tmp_path)
    assert files(tmp_path) == []


def test_a_builder_that_was_killed_leaves_a_cache_to_build(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    killed = Builder(folder, "killed")
    wait_for(lambda: list(folder.glob(".*.pixels.*")))
    killed.process.kill()
    killed.process.communicate()
    assert files(folder) != []
    assert Builder(folder, "next").finish()[0].strip() == EXPECTED
    (built,) = files(folder)
    assert built.endswith(".pixels")
    assert not built.startswith(".")


def test_an_interrupted_builder_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    builder = Builder(folder, "interrupted")
    wait_for(builder.began.exists)
    builder.process.send_signal(signal.SIGINT)
    _, said = builder.finish()
    assert builder.process.returncode != 0
    assert "KeyboardInterrupt" in said
    assert files(folder) == []


def test_two_processes_that_want_one_cache_build_it_once(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    first, second = Builder(folder, "first"), Builder(folder, "second")
    wait_for(lambda: first.ready.exists() and second.ready.exists())
    wait_for(lambda: first.began.exists() or second.began.exists())
    time.sleep(1)  # enough for the other one to want the cache too
    second.go.touch()  # whichever builds, the first is waited for
    (printed, said), (also_printed, also_said) = first.finish(), second.finish()
    assert printed.strip() == also_printed.strip() == EXPECTED
    assert (said + also_said).count(f"Another process builds a cache in {folder}") == 1
    assert first.began.exists() != second.began.exists()
    assert len(files(folder)) == 1


@pytest.fixture
def limited() -> Iterator[None]:
    """No file of this process grows beyond a kilobyte: what a full disk looks like to it."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("limited")
def test_a_disk_that_fills_up_is_one_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with pytest.raises(InputError, match=r"cannot be written: File too large; make room, .*data\.cache_dir="):
        cached(content(Drawn(300)), RAW, folder)
    assert files(folder) == []


def test_a_cache_larger_than_the_disk_is_not_begun(tmp_path: Path) -> None:
    class Endless(Drawn):
        def __len__(self) -> int:
            return 10**15

    with pytest.raises(InputError, match=r"needs .* GB in .*, which has .* GB left; make room"):
        cached(Content(Endless(), ["all"], "endless"), RAW, tmp_path)
    assert files(tmp_path) == []


def test_a_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot be written: Not a directory"):
        cached(content(Drawn()), RAW, tmp_path / "cache")
