"""The running sums behind an epoch's means, which Lightning does not keep in its checkpoints."""

from lightning.pytorch import Trainer
from torch import distributed

Sums = dict[str, tuple[float, int]]
"""By Lightning's name of a mean: the sum so far, and how many images it is of."""


def running_sums(trainer: Trainer) -> list[Sums]:
    """What was logged in this epoch for its means, by process; all processes have to ask."""
    own = {
        name: (float(metric.value), int(metric.cumulated_batch_size))
        for name, metric in trainer.fit_loop._results.items()
        if metric.is_tensor
        and metric.meta.on_epoch
        and metric.meta.is_mean_reduction
        and not metric.has_reset
    }
    if trainer.world_size == 1:
        return [own]
    gathered: list[Sums] = [{} for _ in range(trainer.world_size)]
    distributed.all_gather_object(gathered, own)
    return gathered


def add_sums(trainer: Trainer, stored: list[Sums]) -> None:
    """Add what a process had logged before an interruption to what this one has logged since.

    The sums of an undisturbed run come out to the last bit where one batch was logged since, and there are as
    many processes as before.
    """
    for sums in stored[trainer.global_rank :: trainer.world_size]:
        for name, (value, count) in sums.items():
            if (metric := trainer.fit_loop._results.get(name)) is not None:
                metric.value = metric.value + value
                metric.cumulated_batch_size = metric.cumulated_batch_size + count
