"""Check a command line before anything heavy is imported and anything is written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig, OmegaConf

from lightning_skin.cli import run_name as _registers_resolver  # noqa: F401
from lightning_skin.cli.check import find_problems
from lightning_skin.cli.conf_folder import list_groups
from lightning_skin.cli.contradictions import find_contradictions
from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.overrides import find_misuses, find_unknown_keys, job_texts, parse, typed
from lightning_skin.cli.rules import REFERENCES


def check_command_line(overrides: Sequence[str], conf_folder: Path, multirun: bool) -> Path:
    """Compose what a command line asks for, with every value of a sweep at least once.

    Args:
        overrides: Those of the command line.
        conf_folder: Folder of ``config.yaml``.
        multirun: Whether sweeps are allowed.

    Returns:
        The folder of the run or the sweep that would follow.

    Raises:
        ConfigurationError: An override cannot be read, names an unknown group, choice or key, or a value
            breaks its rule.
    """
    with initialize_config_dir(str(conf_folder), version_base="1.3"), _restored_hydra_config():
        parsed = parse(overrides, OverridesParser.create(GlobalHydra.instance().config_loader()))
        _refuse(find_misuses(parsed, conf_folder, multirun))
        configs = [_compose(job, parsed, conf_folder) for job in _covering_jobs(parsed)]
        _refuse([problem for config in configs for problem in find_problems(_plain(config))])
        _refuse([problem for config in configs for problem in find_contradictions(_plain(config))])
        config = configs[0]
        if multirun:
            # As Hydra does it: the folder of a sweep cannot depend on what is swept over.
            fixed = [typed(override) for override in parsed if not override.is_sweep_override()]
            config = _compose(fixed, parsed, conf_folder)
        HydraConfig.instance().set_config(config)
        return Path(config.hydra.sweep.dir if multirun else config.hydra.run.dir)


@contextmanager
def _restored_hydra_config() -> Iterator[None]:
    before = HydraConfig.instance().cfg
    try:
        yield
    finally:
        HydraConfig.instance().cfg = before


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise ConfigurationError(list(dict.fromkeys(problems)))


def _covering_jobs(overrides: Sequence[Override]) -> list[list[str]]:
    """Return as few jobs as use every value of every sweep, which are far fewer than all combinations."""
    options = [job_texts(override) for override in overrides]
    jobs = range(max([1, *(len(texts) for texts in options)]))
    return [[texts[job % len(texts)] for texts in options if texts] for job in jobs]


def _compose(job: Sequence[str], parsed: Sequence[Override], conf_folder: Path) -> DictConfig:
    try:
        return compose("config", overrides=list(job), return_hydra_config=True)
    # A name where a list wants a number is a ValueError.
    except (ConfigCompositionException, ValueError):
        groups = list_groups(conf_folder)
        chosen = [text for text in job if text.partition("=")[0] in groups]
        known = list(_keys(compose("config", overrides=chosen, return_hydra_config=True)))
        _refuse(find_unknown_keys(parsed, known, conf_folder))
        raise


def _plain(config: DictConfig) -> dict[str, Any]:
    values = cast(dict[str, Any], OmegaConf.to_container(config))
    return {name: value for name, value in values.items() if name != "hydra"}


def _keys(node: DictConfig, prefix: str = "") -> Iterator[str]:
    for name in node:
        key = f"{prefix}{name!s}"
        if key not in REFERENCES:
            yield key
            child = node._get_node(name)
            if isinstance(child, DictConfig) and not child._is_none() and not child._is_interpolation():
                yield from _keys(child, f"{key}.")
