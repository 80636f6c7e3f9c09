"""Hyper-parameters for TensorBoard's HPARAMS tab: flat, short and comparable."""

from collections.abc import Iterator, Mapping
from typing import Any

COMPARED = (
    "seed",
    "model.name",
    "model.stem",
    "model.weights",
    "model.train_from",
    "model.transfer",
    "model.dropout",
    "model.hidden",
    "model.metadata",
    "model.metadata_dropout",
    "model.optimizer",
    "model.scheduler",
    "model.loss",
    "data.image_size",
    "data.batch_size",
    "data.augmentation",
    "data.erasing",
    "data.mixing",
    "data.colour_constancy",
    "data.border_crop",
    "trainer.max_epochs",
    "trainer.accumulate_grad_batches",
    "trainer.gradient_clip_val",
    "trainer.precision",
)
"""Settings that change what is learned; where files lie and how fast they are read does not."""


def flat_hyper_parameters(config: Mapping[str, Any]) -> dict[str, Any]:
    """The compared settings under dotted names; a group's choice is named for the function it stands for."""
    return {name: value for key in COMPARED for name, value in _leaves(key, _lookup(config, key))}


def _lookup(config: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - any configuration node
    node: Any = config
    for name in key.split("."):
        node = node[name]
    return node


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any configuration node
    if not isinstance(value, Mapping):
        yield name, value if isinstance(value, int | float) else str(value)
        return
    for key, child in value.items():
        if key == "_target_":
            yield name, child.rpartition(".")[2]
        elif key != "_partial_":
            yield from _leaves(f"{name}.{key}", child)
