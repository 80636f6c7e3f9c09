"""Imports flow one way."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lightning_skin"
SHARED = {"errors", "atomic", "not_known", "page", "progress"}
MAY_IMPORT = {
    "data": set(),
    "evaluation": set(),
    "explain": set(),
    "models": {"evaluation"},
    "callbacks": {"data", "evaluation", "models"},
    "modes": {"data", "evaluation", "explain", "models", "callbacks"},
    "cli": {"modes"},
}


def imported(layer: str) -> set[str]:
    """Dotted names that a layer's files import."""
    names = set()
    for source in (PACKAGE / layer).rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            match node:
                case ast.ImportFrom(module=str(module), level=0):
                    names |= {f"{module}.{alias.name}" for alias in node.names}
                case ast.Import():
                    names |= {alias.name for alias in node.names}
    assert names
    return names


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    own = {name.split(".")[1] for name in imported(layer) if name.startswith("lightning_skin.")}
    assert own - {layer, "__version__"} - SHARED <= MAY_IMPORT[layer]


@pytest.mark.parametrize("layer", sorted(set(MAY_IMPORT) - {"cli"}))
def test_only_the_command_line_knows_hydra(layer: str) -> None:
    assert {name.split(".")[0] for name in imported(layer)}.isdisjoint({"hydra", "omegaconf"})


def test_every_layer_is_listed() -> None:
    layers = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert layers == set(MAY_IMPORT)
