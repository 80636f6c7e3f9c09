"""Whether a composed configuration keeps the rules."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from lightning_skin.cli.rules import PLACEHOLDERS, REFERENCES, RULES
from lightning_skin.cli.suggest import suggest

MISSING = "???"
SYNTAX = ("_target_", "_partial_", "_convert_")


def find_problems(config: Mapping[str, Any]) -> list[str]:
    """Compare every value with its rule.

    Args:
        config: Composed configuration in plain Python; interpolations may be unresolved and are not checked.

    Returns:
        One sentence per problem: the key, its value and what is accepted.
    """
    return [problem for key, value in _values(config) if (problem := _problem(key, value)) is not None]


def _values(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in node.items():
        key = f"{prefix}{name}"
        if key in REFERENCES or name in SYNTAX:
            continue
        if isinstance(value, Mapping) and (key not in RULES or _is_group(key)):
            yield from _values(value, f"{key}.")
        else:
            yield key, value


def _problem(key: str, value: object) -> str | None:
    if value == MISSING:
        return f"{key} is not set: add {key}={PLACEHOLDERS.get(key, 'VALUE')}"
    if isinstance(value, str) and "${" in value:
        return None
    if key not in RULES:
        return _misplaced(key, value)
    try:
        _validator(key).validate_python(value)
    except ValidationError:
        return f"{key} is {_shown(value)}, expected {describe(RULES[key])}{_nearest(key, value)}"
    return None


def _misplaced(key: str, value: object) -> str | None:
    """Find a value where a group of keys belongs; a key of the user's own has no rule and is accepted."""
    return f"{key} is {_shown(value)}, expected a group of keys" if _is_group(key) else None


def _is_group(key: str) -> bool:
    return any(known.startswith(f"{key}.") for known in RULES)


@cache
def _validator(key: str) -> TypeAdapter[Any]:
    # Strict, so that neither 2.5 nor true nor a quoted "2" passes for a number of images.
    return TypeAdapter(RULES[key], config=ConfigDict(strict=True))


def describe(rule: Any) -> str:  # noqa: ANN401 - a type, of any form
    """Say in words what a rule accepts, such as ``"null or a positive integer"``."""
    if rule in (None, NoneType):
        return "null"
    if get_origin(rule) is Annotated:
        base, *metadata = get_args(rule)
        said = [field.description for field in metadata if isinstance(field, FieldInfo) and field.description]
        return said[0] if said else describe(base)
    if get_origin(rule) is Literal:
        # 16 and "16" are one choice to the reader.
        choices = list(dict.fromkeys(str(choice) for choice in get_args(rule)))
        return f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    if get_origin(rule) in (Union, UnionType):
        return " or ".join(describe(option) for option in get_args(rule))
    raise TypeError(f"rule {rule} has no description")


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "empty" if value == "" else str(value)


def _nearest(key: str, value: object) -> str:
    options = [str(text) for text in _choices(RULES[key]) if isinstance(text, str)]
    return suggest(value, options) if isinstance(value, str) else ""


def _choices(rule: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type, of any form
    if get_origin(rule) is Literal:
        return get_args(rule)
    return tuple(choice for part in get_args(rule) for choice in _choices(part))
