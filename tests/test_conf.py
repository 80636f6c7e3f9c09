"""The configuration: every choice composes, keeps the rules and builds."""

import re
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.trainer.states import TrainerFn
from omegaconf import DictConfig, OmegaConf, open_dict

from lightning_skin.cli import run_name as _registers_resolver  # noqa: F401
from lightning_skin.cli.check import SYNTAX, find_problems
from lightning_skin.cli.conf_folder import find_conf_folder, list_groups
from lightning_skin.cli.rules import REFERENCES, RULES

CONF = find_conf_folder()
GROUPS = list_groups(CONF)
CHOICES = [(group, choice) for group, choices in GROUPS.items() for choice in choices]


def composed(folder: Path, *overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        cfg = compose("config", overrides=list(overrides), return_hydra_config=True)
    with open_dict(cfg.hydra):
        cfg.hydra.runtime.output_dir = str(folder)
    HydraConfig.instance().set_config(cfg)
    with open_dict(cfg):
        del cfg["hydra"]
    return cfg


def settings(node: Any, prefix: str = "") -> list[str]:
    """Dotted keys of the values that a user sets, which references to other keys are not."""
    found: list[str] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        nested = isinstance(value, dict) and key not in REFERENCES
        own = name not in SYNTAX and key not in REFERENCES and "${" not in str(value)
        found += settings(value, f"{key}.") if nested else [key] * own
    return found


def overrides_for(group: str, choice: str) -> list[str]:
    chosen = f"{group}=[{choice}]" if group == "callbacks" else f"{group}={choice}"
    unset = re.findall(r"^(\w+): \?\?\?", (CONF / group / f"{choice}.yaml").read_text(), flags=re.MULTILINE)
    return [chosen, *(f"data.{key}=somewhere" for key in unset if group == "data")]


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids=str)
def test_every_choice_composes_and_keeps_the_rules(group: str, choice: str, tmp_path: Path) -> None:
    cfg = composed(tmp_path, *overrides_for(group, choice))
    assert find_problems(OmegaConf.to_container(cfg, resolve=True)) == []


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids=str)
def test_every_key_has_a_rule(group: str, choice: str, tmp_path: Path) -> None:
    cfg = composed(tmp_path, *overrides_for(group, choice))
    keys = settings(OmegaConf.to_container(cfg, resolve=False))
    assert [key for key in keys if key not in RULES] == []


@pytest.mark.parametrize(("group", "choice"), CHOICES, ids=str)
def test_every_choice_says_in_its_first_lines_what_it_is(group: str, choice: str) -> None:
    lines = (CONF / group / f"{choice}.yaml").read_text().splitlines()
    comments = [line for line in lines[:2] if line.startswith("# ") and not line.startswith("# @package")]
    assert comments


@pytest.mark.parametrize("mode", GROUPS["mode"])
@pytest.mark.parametrize("experiment", GROUPS["experiment"])
def test_every_experiment_builds_in_every_mode(mode: str, experiment: str, tmp_path: Path) -> None:
    cfg = composed(tmp_path, f"mode={mode}", f"experiment={experiment}")
    assert callable(instantiate(cfg.mode, _convert_="all"))


@pytest.mark.parametrize("mode", ["test", "explain"])
def test_a_checkpoint_brings_its_own_data_unless_others_are_named(mode: str, tmp_path: Path) -> None:
    assert composed(tmp_path, f"mode={mode}").data.source is None
    named = composed(tmp_path, f"mode={mode}", "data=folder", "data.root=there")
    assert named.data.source.root == "there"


def test_debug_wins_over_an_experiment(tmp_path: Path) -> None:
    assert composed(tmp_path, "experiment=ham10000", "debug=smoke").trainer.max_epochs == 2


def test_a_run_that_ends_before_its_first_validation_is_no_error_to_early_stopping(tmp_path: Path) -> None:
    stopping = instantiate(composed(tmp_path).callbacks.early_stopping)
    trainer = Trainer(logger=False, enable_checkpointing=False, accelerator="cpu")
    trainer.state.fn = TrainerFn.FITTING
    stopping.setup(trainer, LightningModule(), "fit")
    stopping.on_train_epoch_end(trainer, LightningModule())
    assert not trainer.should_stop
