import os
import signal
from multiprocessing import get_context

import pytest
from torch.utils.data import DataLoader, Dataset

from lightning_skin.data.worker import outlive_signals


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
    loader = DataLoader(Interrupted(number), num_workers=1, worker_init_fn=outlive_signals)
    assert [int(batch) for batch in loader] == [0, 1, 2]


def test_a_worker_that_hangs_can_be_ended() -> None:
    context = get_context("fork")
    ready = context.Event()

    def hang() -> None:
        outlive_signals(0)
        ready.set()
        signal.pause()

    process = context.Process(target=hang)
    process.start()
    assert ready.wait(30)
    process.terminate()
    process.join(30)
    assert process.exitcode == 0
