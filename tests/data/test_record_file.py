import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.data.record_file import FLUSH_AFTER, Records, complete_records

RECORD = np.dtype([("key", "V16"), ("value", "<i8")])
STORED = RECORD.itemsize + 4  # with a checksum

APPEND = """
import sys
from pathlib import Path
import numpy as np
from lightning_skin.data import record_file

record_file.FLUSH_AFTER = 7
dtype = np.dtype([("key", "V16"), ("value", "<i8")])
first = int(sys.argv[2])

def find(missing):
    for position in missing:
        record = np.zeros((), dtype)
        record["value"] = first + position
        yield record

for start in range(0, 2000, 50):
    numbers = range(first + start, first + start + 50)
    def part(missing, start=start):
        return (record for record in find([start + position for position in missing]))
    keys = [b"a digest" + number.to_bytes(8, "big") for number in numbers]
    record_file.complete_records(Path(sys.argv[1]), dtype, keys, part)
"""


def keys_of(numbers: range) -> list[bytes]:
    return [b"a digest" + number.to_bytes(8, "big") for number in numbers]


def record_of(value: int) -> Records:
    record = np.zeros((), RECORD)
    record["value"] = value
    return record


class Finder:
    """Finds the number ``first + position`` and remembers for what it was asked."""

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.asked: list[int] = []

    def __call__(self, missing: list[int]) -> Iterator[Records]:
        for position in missing:
            self.asked.append(position)
            yield record_of(self.first + position)


def test_what_is_known_is_not_looked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "records.bin"
    first = complete_records(file, RECORD, keys_of(range(5)), Finder())
    assert first["value"].tolist() == [0, 1, 2, 3, 4]
    finder = Finder()
    second = complete_records(file, RECORD, keys_of(range(3, 8)), finder)
    assert finder.asked == [2, 3, 4]
    assert second["value"].tolist() == [3, 4, 2, 3, 4]


def test_records_come_in_the_order_of_the_keys(tmp_path: Path) -> None:
    file = tmp_path / "records.bin"
    complete_records(file, RECORD, keys_of(range(6)), Finder())
    backwards = complete_records(file, RECORD, keys_of(range(6))[::-1], Finder(100))
    assert backwards["value"].tolist() == [5, 4, 3, 2, 1, 0]
    assert [key.tobytes() for key in backwards["key"]] == keys_of(range(6))[::-1]


def test_nothing_is_remembered_without_a_file() -> None:
    finder = Finder()
    for _ in range(2):
        records = complete_records(None, RECORD, keys_of(range(3)), finder)
        assert records["value"].tolist() == [0, 1, 2]
    assert finder.asked == [0, 1, 2] * 2


def test_what_has_no_key_or_is_not_found_is_looked_for_each_time(tmp_path: Path) -> None:
    keys = [b"", *keys_of(range(1, 3))]
    for _ in range(2):
        found = complete_records(
            tmp_path / "records.bin",
            RECORD,
            keys,
            lambda missing: (None if position == 1 else record_of(9) for position in missing),
        )
        assert found["value"].tolist() == [9, 0, 9]
    finder = Finder()
    complete_records(tmp_path / "records.bin", RECORD, keys, finder)
    assert finder.asked == [0, 1]


def test_no_images_are_no_records(tmp_path: Path) -> None:
    assert len(complete_records(tmp_path / "records.bin", RECORD, [], Finder())) == 0
    assert not (tmp_path / "records.bin").exists()


def test_records_are_written_while_the_search_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "records.bin"
    sizes = []

    def find(missing: list[int]) -> Iterator[Records]:
        for position in missing:
            sizes.append(file.stat().st_size if file.is_file() else 0)
            yield record_of(position)

    complete_records(file, RECORD, keys_of(range(2 * FLUSH_AFTER + 1)), find)
    assert sizes[FLUSH_AFTER - 1 : FLUSH_AFTER + 1] == [0, FLUSH_AFTER * STORED]
    assert sizes[-1] == 2 * FLUSH_AFTER * STORED
    assert file.stat().st_size == (2 * FLUSH_AFTER + 1) * STORED


def test_an_interrupted_search_keeps_what_it_found(tmp_path: Path) -> None:
    def find(missing: list[int]) -> Iterator[Records]:
        yield from (record_of(position) for position in missing[:4])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        complete_records(tmp_path / "records.bin", RECORD, keys_of(range(6)), find)
    finder = Finder()
    complete_records(tmp_path / "records.bin", RECORD, keys_of(range(6)), finder)
    assert finder.asked == [4, 5]


@pytest.mark.parametrize("lost", [1, 4, STORED - 1])
def test_a_torn_record_is_found_again_and_later_ones_are_whole(tmp_path: Path, lost: int) -> None:
    file = tmp_path / "records.bin"
    complete_records(file, RECORD, keys_of(range(5)), Finder())
    file.write_bytes(file.read_bytes()[:-lost])
    finder = Finder()
    records = complete_records(file, RECORD, keys_of(range(7)), finder)
    assert finder.asked == [4, 5, 6]
    assert records["value"].tolist() == list(range(7))
    finder = Finder()
    complete_records(file, RECORD, keys_of(range(7)), finder)
    assert finder.asked == []


def zeroed(content: bytes) -> bytes:
    return bytes(len(content))


def half_zeroed(content: bytes) -> bytes:
    """Keys stay, values are lost."""
    rows = [content[start : start + STORED] for start in range(0, len(content), STORED)]
    return b"".join(row[:16] + bytes(STORED - 16) for row in rows)


def shifted(content: bytes) -> bytes:
    return b"x" + content


def other_text(_: bytes) -> bytes:
    return b"this is no file of records\n" * 40


@pytest.mark.parametrize("damage", [zeroed, half_zeroed, shifted, other_text])
def test_a_damaged_file_gives_no_wrong_facts(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "records.bin"
    complete_records(file, RECORD, keys_of(range(20)), Finder())
    file.write_bytes(damage(file.read_bytes()))
    finder = Finder(1000)
    records = complete_records(file, RECORD, keys_of(range(20)), finder)
    assert finder.asked == list(range(20))
    assert records["value"].tolist() == list(range(1000, 1020))
    finder = Finder()
    assert complete_records(file, RECORD, keys_of(range(20)), finder)["value"].tolist() == list(
        range(1000, 1020)
    )
    assert finder.asked == []


def test_processes_that_append_at_once_leave_no_wrong_facts(tmp_path: Path) -> None:
    file = tmp_path / "records.bin"
    starts = (0, 1000, 5000)  # the first two share a thousand keys
    arguments = [[sys.executable, "-c", APPEND, str(file), str(start)] for start in starts]
    processes = [subprocess.Popen(command) for command in arguments]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    finder = Finder(-1_000_000)
    wanted = [*range(3000), *range(5000, 7000)]
    keys = keys_of(range(3000)) + keys_of(range(5000, 7000))
    values = complete_records(file, RECORD, keys, finder)["value"]
    assert [value for value in values.tolist() if value >= 0] == [
        number for position, number in enumerate(wanted) if position not in set(finder.asked)
    ]
    assert len(finder.asked) < 500


def test_a_full_disk_costs_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        records = complete_records(Path("/dev/full"), RECORD, keys_of(range(2000)), Finder())
    assert records["value"].tolist() == list(range(2000))
    assert ["No space left on device" in message for message in caplog.messages] == [True]


@pytest.mark.usefixtures("unprivileged")
def test_a_folder_without_permission_costs_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        records = complete_records(tmp_path / "cache" / "records.bin", RECORD, keys_of(range(3)), Finder())
    assert records["value"].tolist() == [0, 1, 2]
    assert len(caplog.messages) == 1


def test_a_folder_in_the_place_of_the_file_costs_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "records.bin").mkdir()
    with caplog.at_level(logging.WARNING):
        records = complete_records(tmp_path / "records.bin", RECORD, keys_of(range(3)), Finder())
    assert records["value"].tolist() == [0, 1, 2]
    assert len(caplog.messages) == 1
