import re

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from lightning_skin.cli.conf_folder import find_conf_folder, list_groups
from lightning_skin.cli.help import GROUPS, KEYS, help_text
from lightning_skin.cli.rules import RULES

CONF = find_conf_folder()
TEXT = help_text(CONF)
LISTED = dict(re.findall(r"^  ([a-z_.]+)=(\S+)", KEYS, re.M))


def test_it_fits_into_a_terminal() -> None:
    assert max(len(line) for line in TEXT.splitlines()) <= 100


@pytest.mark.parametrize("group", GROUPS)
def test_every_choice_of_a_group_is_listed_with_a_summary(group: str) -> None:
    block = TEXT.partition(f"\n  {group}=\n")[2]
    listed = re.findall(r"^  [ *] (\w+) +\S.*", block.partition("=\n")[0], re.M)
    assert listed[: len(list_groups(CONF)[group])] == list_groups(CONF)[group]


def test_one_choice_of_each_group_is_marked_as_default() -> None:
    assert len(re.findall(r"^  \* \w+ ", TEXT, re.M)) == len(GROUPS)
    assert "  * resnet50 " in TEXT


def test_base_files_are_no_choices() -> None:
    assert "base" not in list_groups(CONF)


@pytest.mark.parametrize("key", [key for key in LISTED if not key.startswith("hydra.")])
def test_the_keys_exist(key: str) -> None:
    assert key in RULES


def test_the_defaults_are_those_of_the_configuration() -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", overrides=["data=folder"])
    said = {key: value for key, value in LISTED.items() if not value.isupper()}
    found = {key: OmegaConf.select(config, key) for key in said}
    assert found == OmegaConf.create({key: OmegaConf.create(f"x: {value}").x for key, value in said.items()})
