"""Settings that are valid each on its own and contradict each other."""

from collections.abc import Iterator, Mapping
from typing import Any

SHARDED = ("fsdp", "deepspeed")
"""Strategies that divide parameters when training starts, and so what is trained once for all."""


def find_contradictions(config: Mapping[str, Any]) -> list[str]:
    """Compare settings of a fit with each other.

    Args:
        config: Composed configuration in plain Python, whose values keep their rules.

    Returns:
        One sentence per problem: the keys, their values and the remedy.
    """
    return [
        *_of_random_weights(config),
        *_of_cached_features(config),
        *_of_gradual_unfreezing(config),
        *_of_rates(config),
    ]


def _of_random_weights(config: Mapping[str, Any]) -> Iterator[str]:
    transfer = _transfer(config)
    if config["model"].get("weights", "") is None and ("cached_views" in transfer or "head_epochs" in transfer):
        yield (
            f"model/transfer={_choice(transfer)} trains a head on a frozen backbone, whose weights would be "
            "random; name pretrained ones with model.weights, or take model/transfer=none"
        )


def _of_cached_features(config: Mapping[str, Any]) -> Iterator[str]:
    views = _transfer(config).get("cached_views")
    if views is None:
        return
    start = config["model"]["train_from"]
    if start != "head":
        yield (
            f"model.transfer.cached_views={views} keeps features of a frozen backbone, of which "
            f"model.train_from={_shown(start)} trains a part; leave model.train_from out, "
            "or set model.transfer.cached_views=null"
        )
    augmentation, erasing = _choice(config["data"]["augmentation"]), config["data"]["erasing"]
    if views == 1 and erasing > 0:
        yield (
            f"model.transfer.cached_views=1 keeps each image as it is evaluated, so that data.erasing="
            f"{erasing} would be ignored; leave one of them out"
        )
    if views == 1 and augmentation != "none":
        yield (
            "model.transfer.cached_views=1 keeps each image as it is evaluated, so that "
            f"data/augmentation={augmentation} would be ignored; add data/augmentation=none, "
            "or cache several augmented views, such as model.transfer.cached_views=8"
        )
    if (mixing := config["data"]["mixing"]) != "none":
        yield (
            f"data.mixing={mixing} blends images, which model.transfer.cached_views={views} reads no more; "
            "leave one of them out"
        )
    if views > 1 and augmentation == "none" and erasing == 0:
        yield (
            f"model.transfer.cached_views={views} would keep {views} equal views of each image, since "
            "data/augmentation is none; set model.transfer.cached_views=1, or choose another augmentation"
        )


def _of_gradual_unfreezing(config: Mapping[str, Any]) -> Iterator[str]:
    if "head_epochs" not in _transfer(config):
        return
    if config["find"] is not None:
        yield (
            f"find={config['find']} looks at the first steps, in which model/transfer=gradual trains the "
            "head alone; find it with model/transfer=layerwise, and set it here"
        )
    strategy = str(config["trainer"]["strategy"])
    if strategy.startswith(SHARDED):
        yield (
            f"model/transfer=gradual cannot unfreeze what trainer.strategy={strategy} has divided; "
            "use trainer.strategy=ddp, or model/transfer=layerwise"
        )


def _of_rates(config: Mapping[str, Any]) -> Iterator[str]:
    if "lr_decay" in _transfer(config) and config["model"]["train_from"] == "head":
        yield (
            f"model.train_from is head, which leaves model/transfer={_choice(_transfer(config))} no stage "
            "of the backbone to train; leave model.train_from out, or take model/transfer=frozen"
        )


def _transfer(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its keys say which choice it is; a configuration without networks has none."""
    settings: Mapping[str, Any] = config["model"].get("transfer", {})
    return settings


def _choice(group: Mapping[str, Any]) -> str:
    """What a group stands for, which bears the name of the choice."""
    return str(group["_target_"]).rpartition(".")[2]


def _shown(value: object) -> str:
    return "null" if value is None else str(value)
