"""Tables of classifiers of a given skill on the same images."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lightning_skin.evaluation.comparison.compare import compare_contenders
from lightning_skin.evaluation.comparison.contender import Contender, pool_runs
from lightning_skin.evaluation.comparison.document import comparison_document
from lightning_skin.evaluation.comparison.result import Comparison
from lightning_skin.evaluation.predictions import Predictions

CLASSES = ("bkl", "mel", "nv")

Table = Callable[..., Predictions]


def make_table(
    skill: float = 1.0, seed: int = 0, rows: int = 60, images_per_group: int = 2, start: int = 0
) -> Predictions:
    """Labels and groups are the same for any skill and seed; ``start`` is the number of the first image."""
    numbers = np.arange(start, start + rows)
    labels = (numbers // images_per_group) % len(CLASSES)
    noise = np.random.default_rng(seed).normal(size=(rows, len(CLASSES)))
    logits = noise + skill * np.eye(len(CLASSES))[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    images = [f"image_{number:03}.jpg" for number in numbers]
    groups = [f"lesion_{number // images_per_group}" for number in numbers]
    return Predictions(np.array(images), labels, probabilities, np.array(groups), CLASSES)


@pytest.fixture(scope="session")
def table() -> Table:
    """Makes tables: skill, seed, and how many images."""
    return make_table


@pytest.fixture(scope="session")
def contenders() -> list[Contender]:
    """A weak one, a strong one, and three seeds of the strong one."""
    seeds = {f"run{seed}": make_table(3.0, seed=seed) for seed in (2, 3, 4)}
    return [
        pool_runs("weak", {"weak": make_table(0.5, seed=0)}),
        pool_runs("strong", {"strong": make_table(3.0, seed=1)}),
        pool_runs("seeds", seeds),
    ]


@pytest.fixture(scope="session")
def comparison(contenders: list[Contender]) -> Comparison:
    """The others against the weak one; not to be written to."""
    return compare_contenders(contenders, "first", malignant=["bkl", "mel"], seed=0)


FACTS = {"created": "2026-11-25T11:00:00+00:00", "version": "0.1.0", "split": "test", "seed": 0}
FACTS["malignant"] = ["bkl", "mel"]


@pytest.fixture(scope="session")
def document(comparison: Comparison) -> dict[str, Any]:
    """Of ``comparison``; not to be written to."""
    details = [{"paths": [f"outputs/{place}/test.csv"], "differs": f"model={place}"} for place in range(3)]
    return comparison_document(comparison, details, FACTS)


@pytest.fixture(scope="session")
def lone_document(contenders: list[Contender]) -> dict[str, Any]:
    """Of three seeds with nothing to compare them with."""
    alone = compare_contenders(contenders[2:], "first", seed=0)
    return comparison_document(alone, [{"paths": [], "differs": ""}], FACTS)
