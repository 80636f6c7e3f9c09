"""What the benchmarks of training share: the parts of ``mode=fit``, and a clock."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from omegaconf import open_dict

from lightning_skin.cli import run_name as _registers_resolver  # noqa: F401
from lightning_skin.cli.conf_folder import find_conf_folder

ON_GPU = torch.cuda.is_available()


def parts_of_fit(overrides: Sequence[str], scratch: Path) -> dict[str, Any]:
    """What ``mode=fit`` is called with, but for its run; its callbacks write into a folder in ``scratch``."""
    with initialize_config_dir(str(find_conf_folder()), version_base="1.3"):
        config = compose("config", list(overrides), return_hydra_config=True)
    with open_dict(config.hydra):
        config.hydra.runtime.output_dir = str(scratch / str(time.monotonic_ns()))
    HydraConfig.instance().set_config(config)
    parts: dict[str, Any] = instantiate(config.mode, _convert_="all").keywords
    return parts


def now() -> float:
    """Seconds, when the device has done what it was told."""
    if ON_GPU:
        torch.cuda.synchronize()
    return time.perf_counter()
