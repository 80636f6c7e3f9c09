"""Fixed-size records that outlive a run, appended while it goes on."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

FLUSH_AFTER = 512
"""Records between two writes: what an interrupted run has to find out again."""

Records = npt.NDArray[np.void]


def complete_records(
    file: Path | None,
    dtype: np.dtype[np.void],
    keys: list[bytes],
    find: Callable[[list[int]], Iterable[Records | None]],
) -> Records:
    """Bring together what a file remembers and what has to be found out.

    Args:
        file: Of records with the fields of ``dtype``; appended to. ``None`` remembers nothing.
        dtype: Its first field is ``key``, bytes.
        keys: Of the N records wanted, 16 bytes each; empty where nothing can be remembered.
        find: Takes the positions of the records that the file lacks and yields them in this order; ``None``
            for one that should not be remembered and stays zero.

    Returns:
        The records ``(N,)``.
    """
    known = {} if file is None else _rows_by_key(file, dtype)
    records = np.zeros(len(keys), dtype)
    held = [(position, known[key]) for position, key in enumerate(keys) if key in known]
    if file is not None and held:
        positions, rows = (list(part) for part in zip(*held, strict=True))
        records[positions] = _stored(file, dtype)[rows]
    missing = [position for position, key in enumerate(keys) if key not in known]
    unsaved: list[int] = []
    for position, record in zip(missing, find(missing), strict=True):
        if record is None:
            continue
        records[position] = record
        records[position]["key"] = np.void(keys[position])
        unsaved += [position] if keys[position] else []
        if file is not None and len(unsaved) == FLUSH_AFTER:
            _append(file, records[unsaved])
            unsaved.clear()
    if file is not None and unsaved:
        _append(file, records[unsaved])
    return records


def _rows_by_key(file: Path, dtype: np.dtype[np.void]) -> dict[bytes, int]:
    return {key.tobytes(): row for row, key in enumerate(_stored(file, dtype)["key"])}


def _stored(file: Path, dtype: np.dtype[np.void]) -> Records:
    # A run that was killed may have left a part of a record.
    count = file.stat().st_size // dtype.itemsize if file.is_file() else 0
    return np.memmap(file, dtype, mode="r", shape=(count,)) if count else np.zeros(0, dtype)


def _append(file: Path, records: Records) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as stream:
        whole = stream.tell() // records.dtype.itemsize * records.dtype.itemsize
        stream.truncate(whole)
        stream.write(records.tobytes())
