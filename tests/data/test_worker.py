import os
import signal

import pytest
from torch.utils.data import DataLoader, Dataset

from lightning_skin.data import worker


class Interrupted(Dataset[int]):
    """Reading an item sends a signal to the process that reads it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        os.kill(os.getpid(), self.number)
        return index


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_reads_on_after_a_signal(number: int) -> None:
    loader = DataLoader(Interrupted(number), num_workers=1, worker_init_fn=worker.outlive_signals)
    assert [int(batch) for batch in loader] == [0, 1, 2]
