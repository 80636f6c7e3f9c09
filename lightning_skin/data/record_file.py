"""Fixed-size records that outlive a run, appended while it goes on."""

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lightning_skin.data.cache_dir import dispensable

FLUSH_AFTER = 512
"""Records between two writes: what a run that was killed has to find out again, at most."""

Records = npt.NDArray[np.void]


def complete_records(
    file: Path | None,
    dtype: np.dtype[np.void],
    keys: list[bytes],
    find: Callable[[list[int]], Iterable[Records | None]],
) -> Records:
    """Bring together what a file remembers and what has to be found out.

    Several processes may append to one file; what one of them damages is found out again. A file that can be
    neither read nor written costs a warning.

    Args:
        file: Of records with the fields of ``dtype``; appended to. ``None`` remembers nothing.
        dtype: Its first field is ``key``, 16 bytes.
        keys: Of the N records wanted, 16 bytes each; empty where nothing can be remembered.
        find: Takes the positions of the records that the file lacks and yields them in this order; ``None``
            for one that should not be remembered and stays zero.

    Returns:
        The records ``(N,)``.
    """
    records = np.zeros(len(keys), dtype)
    missing = list(range(len(keys))) if file is None else _fill(records, file, keys)
    unsaved: list[int] = []
    try:
        for position, record in zip(missing, find(missing), strict=True):
            if record is None:
                continue
            records[position] = record
            if file is not None and keys[position]:
                records[position]["key"] = np.void(keys[position])
                unsaved.append(position)
                if len(unsaved) == FLUSH_AFTER:
                    _append(file, records[unsaved])
                    unsaved.clear()
    finally:
        if file is not None and unsaved:
            _append(file, records[unsaved])
    return records


def _fill(records: Records, file: Path, keys: list[bytes]) -> list[int]:
    """Copy what the file remembers and tell the positions of the rest."""
    with dispensable(file):
        stored = _stored(file, records.dtype)
        known = {key.tobytes(): row for row, key in enumerate(stored["record"]["key"])}
        held = np.array([position for position, key in enumerate(keys) if key in known], np.intp)
        found = stored[[known[keys[position]] for position in held]]
        whole = found["checksum"] == _checksums(found["record"])
        records[held[whole]] = found["record"][whole]
        return np.setdiff1d(np.arange(len(keys)), held[whole]).tolist()
    return list(range(len(keys)))


def _stored(file: Path, dtype: np.dtype[np.void]) -> Records:
    layout = _layout(dtype)
    # A run that was killed may have left a part of a record.
    count = file.stat().st_size // layout.itemsize if file.is_file() else 0
    return np.memmap(file, layout, mode="r", shape=(count,)) if count else np.zeros(0, layout)


def _append(file: Path, records: Records) -> None:
    stored = np.zeros(len(records), _layout(records.dtype))
    stored["record"], stored["checksum"] = records, _checksums(records)
    with dispensable(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as stream:
            # A part of a record is filled up instead of cut off: other processes may have mapped the file.
            filling = bytes(-stream.tell() % stored.dtype.itemsize)
            stream.write(filling + stored.tobytes())


def _layout(dtype: np.dtype[np.void]) -> np.dtype[np.void]:
    # Where two processes write at once, or the power fails, a record may be made of parts of others.
    return np.dtype([("record", dtype), ("checksum", "<u4")])


def _checksums(records: Records) -> npt.NDArray[np.uint32]:
    rows = np.ascontiguousarray(records).view(np.uint8).reshape(len(records), records.dtype.itemsize)
    return np.array([zlib.crc32(row.data) for row in rows], np.uint32)
