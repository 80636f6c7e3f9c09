"""The name of a run's folder."""

import secrets
import string
from datetime import datetime
from functools import cache

from omegaconf import OmegaConf

ALPHABET = string.ascii_lowercase + string.digits


@cache
def run_name() -> str:
    """Return the start of this process and four random characters, such as ``2026-11-23_14-05-09_k3f9``.

    Two runs started in the same second get different names, and one process keeps its name.
    """
    suffix = "".join(secrets.choice(ALPHABET) for _ in range(4))
    return f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{suffix}"


# On import, so that the worker processes of a parallel sweep know it too; they unpickle the cached name.
OmegaConf.register_new_resolver("run_name", run_name, replace=True, use_cache=True)
