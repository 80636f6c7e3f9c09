"""What is wrong with the overrides of a command line, in words."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import OverrideParseException
from omegaconf import OmegaConf

from lightning_skin.cli.conf_folder import list_groups
from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.rules import RULES
from lightning_skin.cli.suggest import suggest, suggest_key


def parse(overrides: Sequence[str], parser: OverridesParser) -> list[Override]:
    """Parse overrides in Hydra's grammar.

    Raises:
        ConfigurationError: Some cannot be parsed.
    """
    parsed: list[Override] = []
    problems = []
    for text in overrides:
        try:
            # In the plural, because the singular leaves out what glob(*) needs.
            parsed += parser.parse_overrides([text])
        except OverrideParseException:
            problems.append(_malformed(text))
    problems += [_malformed(typed(override)) for override in parsed if not override.key_or_group]
    if problems:
        raise ConfigurationError(problems)
    return parsed


def typed(override: Override) -> str:
    """Return an override of the command line as the user typed it."""
    return override.input_line or ""


def _malformed(text: str) -> str:
    key, equal, value = text.partition("=")
    if not key or not equal:
        return f"cannot read {text}, expected key=value"
    return f"cannot read {text}: quote a value that holds special characters, '{key}=\"{value}\"'"


def find_misuses(overrides: Sequence[Override], conf_folder: Path, multirun: bool) -> list[str]:
    """Find what Hydra would accept and the run would stumble over, or what it would refuse at length.

    Args:
        overrides: Those of the command line.
        conf_folder: Folder of ``config.yaml``, which knows the groups and their choices.
        multirun: Whether an override may sweep over several values.
    """
    groups = list_groups(conf_folder)
    return [problem for override in overrides for problem in _misuses(override, groups, multirun)]


def _misuses(override: Override, groups: Mapping[str, list[str]], multirun: bool) -> list[str]:
    key = override.key_or_group
    group = key.replace(".", "/")
    if override.is_sweep_override() and not multirun:
        return [f"{typed(override)} names several values: add -m to run each, or write one list as [a,b]"]
    if override.is_delete():
        needed = group in groups or key in RULES
        return [f"{typed(override)} removes what every run needs: set {key} to a value instead"] * needed
    if key in groups:
        return _unknown_choices(key, _values(override), groups[key])
    if group in groups and isinstance(override.value(), str):
        return [f"{key} is a group: write {group}={override.value()}, one of {', '.join(groups[group])}"]
    if "/" in key and not key.startswith("hydra/"):
        return [f"unknown group {key}{suggest(key, groups)}"]
    return []


def job_texts(override: Override) -> list[str]:
    """Return the overrides that the jobs of a sweep get; one, as typed, where nothing is swept over.

    An interval, which only an optimising sweeper can sample, gives none.
    """
    if not override.is_sweep_override():
        return [typed(override)]
    if not override.is_discrete_sweep():
        return []
    return [f"{override.get_key_element()}={text}" for text in override.sweep_string_iterator()]


def _values(override: Override) -> list[object]:
    parser = OverridesParser.create(override.config_loader)
    return [parser.parse_override(text).value() for text in job_texts(override)]


def _unknown_choices(group: str, chosen: Sequence[object], choices: Sequence[str]) -> list[str]:
    names = [name for value in chosen for name in (value if isinstance(value, list) else [value])]
    return [
        f"{group}={'null' if name is None else name} does not exist; choose one of {', '.join(choices)}"
        f"{suggest(str(name), choices)}"
        for name in names
        if str(name).removesuffix(".yaml") not in choices
    ]


def find_unknown_keys(overrides: Sequence[Override], known: Sequence[str], conf_folder: Path) -> list[str]:
    """Find keys that the configuration lacks.

    Args:
        overrides: Those of the command line.
        known: Dotted keys of the configuration under the same group choices.
        conf_folder: Folder of ``config.yaml``, searched for the choices that have the key.

    Returns:
        One sentence per key, with the choices that know it or the nearest name.
    """
    groups = list_groups(conf_folder)
    problems = []
    for override in overrides:
        key = override.key_or_group
        if key in known or key in groups or "/" in key or override.is_add() or override.is_force_add():
            continue
        elsewhere = [
            f"{group}={choice}"
            for group, choices in groups.items()
            for choice in choices
            if _has_key(conf_folder / group / f"{choice}.yaml", group, key)
        ]
        near = suggest_key(key, [*known, *groups])
        hint = f"; it belongs to {' and '.join(elsewhere)}" if elsewhere else near
        problems.append(f"unknown key {key}{hint}")
    return problems


def _has_key(file: Path, group: str, key: str) -> bool:
    prefix = _prefix(file, group)
    node: object = OmegaConf.to_container(OmegaConf.load(file))
    for name in key.removeprefix(prefix).split("."):
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return key.startswith(prefix)


def _prefix(file: Path, group: str) -> str:
    """Where the keys of a choice are placed; those of experiments belong to other groups."""
    stated = re.match(r"# @package (\w+)", file.read_text(encoding="utf-8"))
    if stated is None or group in ("experiment", "debug"):
        return f"{group.replace('/', '.')}."
    return "" if stated[1] == "_global_" else f"{stated[1]}."
