import threading

import pytest
import torch

from lightning_skin.data.duplicates.threads import in_threads


def test_results_keep_the_order_of_the_parts() -> None:
    assert in_threads(lambda part: part**2, list(range(50)), "Squaring") == [part**2 for part in range(50)]


def test_nothing_gives_nothing() -> None:
    assert in_threads(lambda part: part, [], "Waiting") == []


def test_each_computation_keeps_to_its_thread_and_the_setting_comes_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert in_threads(lambda _: torch.get_num_threads(), [0, 1], "Counting") == [1, 1]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_a_failure_ends_the_rest_and_gives_the_setting_back() -> None:
    before = torch.get_num_threads()
    done = []

    def fail(part: int) -> None:
        if part == 0:
            raise ValueError("part 0 is broken")
        threading.Event().wait(0.005)
        done.append(part)

    with pytest.raises(ValueError, match="part 0 is broken"):
        in_threads(fail, list(range(500)), "Failing")
    assert len(done) < 250
    assert torch.get_num_threads() == before
