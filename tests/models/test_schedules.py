"""Learning rates, step by step."""

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD

from lightning_skin.errors import InputError
from lightning_skin.models.schedules import constant, one_cycle, plateau, warmup_cosine


@pytest.fixture
def optimizer() -> SGD:
    return SGD([nn.Parameter(torch.zeros(1))], lr=2.0)


def rates(optimizer: SGD, settings: Any, steps: int) -> list[float]:
    """The rate of each of so many steps."""
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        settings["scheduler"].step()
    return found


def plateau_rates(optimizer: SGD, scores: list[float], patience: int) -> list[float]:
    """The rate after each of these scores."""
    scheduler: Any = plateau(optimizer, math.inf, "val/auroc", 0.5, patience)["scheduler"]
    found = []
    for score in scores:
        scheduler.step(score)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def test_the_rate_rises_linearly_and_falls_along_half_a_cosine(optimizer: SGD) -> None:
    settings = warmup_cosine(optimizer, total_steps=8, warmup=0.25)
    third, two_thirds = 1 + math.cos(math.pi / 3), 1 + math.cos(2 * math.pi / 3)
    expected = [1, 2, 2, 1 + math.cos(math.pi / 6), third, 1, two_thirds, 1 + math.cos(5 * math.pi / 6), 0]
    assert rates(optimizer, settings, 9) == pytest.approx(expected)


def test_without_warm_up_the_cosine_is_that_of_torch(optimizer: SGD) -> None:
    twin = SGD([nn.Parameter(torch.zeros(1))], lr=2.0)
    reference = {"scheduler": torch.optim.lr_scheduler.CosineAnnealingLR(twin, T_max=10)}
    ours = rates(optimizer, warmup_cosine(optimizer, total_steps=10, warmup=0.0), 11)
    assert ours == pytest.approx(rates(twin, reference, 11))


def test_a_step_beyond_the_last_one_keeps_the_rate_at_zero(optimizer: SGD) -> None:
    settings = warmup_cosine(optimizer, total_steps=2, warmup=0.0)
    assert rates(optimizer, settings, 5) == pytest.approx([2, 1, 0, 0, 0])


def test_a_training_of_a_single_step_has_a_rate(optimizer: SGD) -> None:
    assert rates(optimizer, warmup_cosine(optimizer, total_steps=1, warmup=0.9), 1) == [2.0]


def test_endless_training_is_refused(optimizer: SGD) -> None:
    with pytest.raises(InputError, match=r"max_epochs is -1, .* or use model/scheduler=constant"):
        warmup_cosine(optimizer, total_steps=math.inf, warmup=0.1)


def test_the_plateau_multiplies_the_rate_when_patience_is_exceeded(optimizer: SGD) -> None:
    scores = [0.5, 0.6, 0.6, 0.55, 0.6]  # three epochs without a rise after the second
    assert plateau_rates(optimizer, scores, patience=2) == [2, 2, 2, 2, 1]


def test_a_rise_starts_patience_anew(optimizer: SGD) -> None:
    scores = [0.5, 0.4, 0.4, 0.6, 0.5, 0.5, 0.5]
    assert plateau_rates(optimizer, scores, patience=2) == [2, 2, 2, 2, 2, 2, 1]


def test_the_plateau_asks_lightning_for_its_metric_once_an_epoch(optimizer: SGD) -> None:
    settings = plateau(optimizer, 8, "val/auroc", 0.5, 2)
    assert (settings["monitor"], settings["interval"]) == ("val/auroc", "epoch")


@pytest.mark.parametrize("total_steps", [4, math.inf])
def test_the_constant_schedule_keeps_the_rate(optimizer: SGD, total_steps: float) -> None:
    assert rates(optimizer, constant(optimizer, total_steps), 4) == [2.0] * 4


def test_the_cosine_moves_every_step(optimizer: SGD) -> None:
    assert warmup_cosine(optimizer, 8, 0.1)["interval"] == "step"


def test_groups_of_different_rates_keep_their_ratio() -> None:
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (1.0, 0.1)]
    optimizer = SGD(groups)
    rates(optimizer, warmup_cosine(optimizer, total_steps=8, warmup=0.25), 5)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5, 0.05])


def test_one_cycle_rises_from_a_25th_and_falls_far_below(optimizer: SGD) -> None:
    found = rates(optimizer, one_cycle(optimizer, 10, 0.3), 10)
    assert found[0] == pytest.approx(2.0 / 25)
    assert found.index(max(found)) == 2  # the third of ten steps
    assert found[2] == pytest.approx(2.0)
    assert found[-1] == pytest.approx(2.0 / 25 / 1e4)
    assert found[2:] == sorted(found[2:], reverse=True)


def test_one_cycle_keeps_the_proportions_of_several_groups() -> None:
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": lr} for lr in (1.0, 0.1)]
    optimizer = SGD(groups, lr=0.5, momentum=0.9)
    settings: Any = one_cycle(optimizer, 10, 0.3)
    for _ in range(9):
        first, second = (group["lr"] for group in optimizer.param_groups)
        assert second == pytest.approx(first / 10)
        optimizer.step()
        settings["scheduler"].step()


def test_one_cycle_needs_an_end(optimizer: SGD) -> None:
    with pytest.raises(InputError, match=r"trainer\.max_epochs is -1, expected an end for the cycle"):
        one_cycle(optimizer, math.inf, 0.3)
