"""Features in place of images: which view an epoch takes, and what is computed when."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from lightning_skin.data.features import FeatureDataset, Features, cached_features, fingerprint
from lightning_skin.errors import InputError

FIRST = np.arange(6, dtype=np.float32).reshape(3, 2)


class Computation:
    """Yields ``FIRST`` in two batches, and counts how often it was asked."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> Iterator[Features]:
        self.runs += 1
        yield from (FIRST[:2], FIRST[2:])


def test_an_epoch_takes_its_view_and_starts_over_behind_the_last_one() -> None:
    dataset = FeatureDataset([FIRST, FIRST + 10], [0, 1, 2])
    # Row 2 in epoch 0, row 0 in epoch 1, row 1 in epoch 2.
    features, labels, rows = dataset.__getitems__([2, 3, 7])
    assert features.tolist() == [[4.0, 5.0], [10.0, 11.0], [2.0, 3.0]]
    assert (labels.tolist(), rows.tolist()) == ([2, 0, 1], [2, 0, 1])
    assert (features.dtype, labels.dtype, rows.dtype) == (torch.float32, torch.int64, torch.int64)


def test_features_are_computed_once(tmp_path: Path) -> None:
    computation = Computation()
    for _ in range(2):
        np.testing.assert_array_equal(cached_features(tmp_path, "name", 3, computation), FIRST)
    assert computation.runs == 1


def test_another_name_is_computed_on_its_own(tmp_path: Path) -> None:
    computation = Computation()
    for seed in (0, 1):
        cached_features(tmp_path, fingerprint({"weights": "abc", "seed": seed}), 3, computation)
    assert computation.runs == 2


def test_a_name_does_not_depend_on_the_order_of_its_parts() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1}) != fingerprint({"a": 2, "b": 1})


@pytest.mark.parametrize("size", [0, 60, 140])
def test_a_file_that_was_cut_off_is_computed_anew(
    tmp_path: Path, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    computation = Computation()
    cached_features(tmp_path, "name", 3, computation)
    (path,) = tmp_path.rglob("*.npy")
    path.write_bytes(path.read_bytes()[:size])
    np.testing.assert_array_equal(cached_features(tmp_path, "name", 3, computation), FIRST)
    assert computation.runs == 2
    assert "computed anew" in caplog.text


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "features").touch()
    with pytest.raises(InputError, match=r"features cannot be kept in .*; make room, name another"):
        cached_features(tmp_path, "name", 3, Computation())
