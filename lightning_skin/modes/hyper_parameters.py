"""Hyper-parameters for TensorBoard's HPARAMS tab: flat, short and comparable."""

from collections.abc import Iterator, Mapping
from typing import Any

COMPARED = ("seed", "data", "model", "trainer")


def flat_hyper_parameters(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a sweep may vary, under dotted names; paths of code and wiring are left out."""
    return {
        name: value
        for group in COMPARED
        for name, value in _leaves(group, config[group])
        if value is not None and not name.startswith(("data.module", "data.source", "data.root"))
    }


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any configuration node
    if isinstance(value, Mapping):
        for key, child in value.items():
            if key not in ("_partial_", "_convert_"):
                yield from _leaves(name if key == "_target_" else f"{name}.{key}", child)
    else:
        yield name, value if isinstance(value, int | float | bool) else str(value)
