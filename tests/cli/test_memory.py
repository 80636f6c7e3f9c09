"""What is said when memory runs out."""

from typing import Any

import pytest
import torch

from lightning_skin.cli.memory import memory_advice, ran_out_of_memory


def config(mode: str, size: int = 32, steps: int = 1) -> dict[str, Any]:
    trainer = {"accumulate_grad_batches": steps}
    return {
        "mode": mode,
        "data": {"batch_size": size},
        "trainer": trainer,
        "explain": {"batch_size": 16},
    }


def test_memory_that_the_system_does_not_have_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert ran_out_of_memory(caught.value)


def test_the_error_of_a_gpu_is_recognised_and_others_are_not() -> None:
    assert ran_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert not ran_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (config("fit"), "data.batch_size=32; set data.batch_size=16 trainer.accumulate_grad_batches=2"),
        (config("fit", 8, 4), "data.batch_size=8; set data.batch_size=4 trainer.accumulate_grad_batches=8"),
        (config("test"), "data.batch_size=32; set data.batch_size=16"),
        (config("explain"), "explain.batch_size=16; set explain.batch_size=8"),
        (config("fit", 1), "data.batch_size=1; set a smaller data.image_size, or another model"),
    ],
)
def test_half_the_batch_at_the_same_number_of_images_a_step(given: dict[str, Any], said: str) -> None:
    assert memory_advice(given) == f"memory ran out with {said}"
