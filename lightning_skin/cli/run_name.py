"""The name of a run's folder."""

import os
import secrets
import string
from datetime import datetime, timedelta
from functools import cache

from omegaconf import OmegaConf

ALPHABET = string.ascii_lowercase + string.digits
PATIENCE = timedelta(minutes=5)


@cache
def run_name() -> str:
    """Return the start of this run and four random characters, such as ``2026-11-23_14-05-09_k3f9``.

    Two runs started in the same second get different names; one process keeps its name, and all processes
    that ``torchrun`` or ``srun`` start for one run share it.
    """
    suffix = "".join(secrets.choice(ALPHABET) for _ in range(4))
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{suffix}"
    if "TORCHELASTIC_RUN_ID" in os.environ:
        return _agreed_under_torchrun(name)
    if int(os.environ.get("SLURM_STEP_NUM_TASKS", "1")) > 1:
        variables = ("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
        return "_".join(["slurm", *(os.environ.get(variable, "0") for variable in variables)])
    return name


def _agreed_under_torchrun(proposal: str) -> str:
    """Let the first process tell all others its proposal, through the store that torchrun keeps for them."""
    from torch import distributed

    store = distributed.TCPStore(  # type: ignore[attr-defined] # documented, but not in __all__
        os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False, timeout=PATIENCE
    )
    key = f"lightning_skin/run_name/{os.environ['TORCHELASTIC_RESTART_COUNT']}"
    if os.environ["RANK"] == "0":
        store.set(key, proposal)
    return store.get(key).decode()


# On import, so that the worker processes of a parallel sweep know it too; they unpickle the cached name.
OmegaConf.register_new_resolver("run_name", run_name, replace=True, use_cache=True)
