"""What to do when memory runs out."""

from collections.abc import Mapping
from typing import Any


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether PyTorch could not get memory, from a GPU or from the system."""
    # By name: to import torch for its class takes longer than all that this program checks before it starts.
    if type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate memory" in str(error)
    )


def memory_advice(config: Mapping[str, Any]) -> str:
    """One sentence that names the batch size and the overrides that need less memory.

    Args:
        config: The resolved configuration of the run.
    """
    if config["mode"] == "explain":
        size = config["explain"]["batch_size"]
        return f"memory ran out with explain.batch_size={size}; set explain.batch_size={max(1, size // 2)}"
    size, steps = config["data"]["batch_size"], config["trainer"]["accumulate_grad_batches"]
    if size == 1:
        return "memory ran out with data.batch_size=1; set a smaller data.image_size, or another model"
    train = f" trainer.accumulate_grad_batches={2 * steps}" if config["mode"] == "fit" else ""
    return f"memory ran out with data.batch_size={size}; set data.batch_size={size // 2}{train}"
