import re
from collections.abc import Callable

import pytest
from omegaconf import OmegaConf
from torch.distributed import TCPStore

from lightning_skin.cli.run_name import run_name

propose: Callable[[], str] = run_name.__wrapped__


def test_a_name_is_time_and_random_characters_that_survive_an_override() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_[a-z0-9]{4}", propose())


def test_runs_started_in_the_same_second_get_different_names() -> None:
    assert len({propose() for _ in range(20)}) == 20


def test_a_process_keeps_its_name() -> None:
    assert OmegaConf.create({"folder": "${run_name:}"}).folder == run_name() == run_name()


def test_all_processes_of_torchrun_take_the_name_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    store = TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    monkeypatch.setenv("MASTER_ADDR", "localhost")
    monkeypatch.setenv("MASTER_PORT", str(store.port))
    monkeypatch.setenv("RANK", "0")
    first = propose()
    monkeypatch.setenv("RANK", "1")
    assert propose() == first


def test_all_tasks_of_a_slurm_step_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    monkeypatch.setenv("SLURM_STEP_ID", "2")
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "4")
    assert propose() == "slurm_77_2_0"


def test_two_runs_in_one_slurm_allocation_do_not_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", "1")
    assert propose() != propose()
