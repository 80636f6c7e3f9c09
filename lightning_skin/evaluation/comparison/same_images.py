"""Tables brought to the same images, classes and groups, or refused where they are of different ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions

SHOWN = 5  # names of images in a message
REMEDY = "test both on the same images, with mode=test ckpt_path=RUN data=folder data.root=FOLDER"


def align(tables: Mapping[str, Predictions]) -> list[Predictions]:
    """Bring tables to the same rows in the same order.

    Args:
        tables: By the names that they go by in a message, at least one.

    Returns:
        The tables with images and classes in the order of the first. Images are of one group where any table
        says so, also over several steps: a table that does not know groups takes those of another.

    Raises:
        InputError: Classes, images or labels differ; the message says how.
    """
    (first_name, first), *others = tables.items()
    aligned = [first, *(_like(first, table, f"{first_name} and {name}") for name, table in others)]
    groups = _joined([table.groups for table in aligned])
    return [replace(table, groups=groups) for table in aligned]


def new_to_all(tables: Sequence[Predictions]) -> NDArray[np.bool_]:
    """Which images, and others of their group, no network was trained on, as far as is known ``(N,)``.

    Args:
        tables: Of the same images in the same order; ``mode=test`` leaves an attribute ``trained_on``.
    """
    marks = [table.attributes["trained_on"] for table in tables if "trained_on" in table.attributes]
    return np.all([mark == "" for mark in marks], axis=0) if marks else np.ones(len(tables[0].images), bool)


def few(names: Sequence[str]) -> str:
    """The first five names, and whether there are more."""
    return ", ".join([*names[:SHOWN], "..."] if len(names) > SHOWN else names)


def _like(first: Predictions, table: Predictions, both: str) -> Predictions:
    if set(first.class_names) != set(table.class_names):
        raise InputError(
            f"{both} know different classes: {_only(first.class_names, table.class_names)}; "
            "compare classifiers of the same classes"
        )
    table = table.with_classes(first.class_names)
    if set(first.images) != set(table.images):
        raise InputError(f"{both} were tested on different images: {_how_images_differ(first, table)}")
    table = table.subset(pd.Index(table.images).get_indexer(pd.Index(first.images)))
    if (differ := first.labels != table.labels).any():
        names = np.asarray(first.class_names)
        columns = (first.images, names[first.labels], names[table.labels])
        rows = zip(*(column[differ] for column in columns), strict=True)
        examples = few([f"{image} ({one}, {other})" for image, one, other in rows])
        raise InputError(
            f"{both} were judged by different labels for {differ.sum()} of {len(differ)} images: {examples}; "
            f"{REMEDY}"
        )
    return table


def _how_images_differ(first: Predictions, second: Predictions) -> str:
    stems = [{PurePath(image).stem for image in table.images} for table in (first, second)]
    if stems[0] == stems[1] and len(stems[0]) == len(first.images) == len(second.images):
        one = str(first.images[0])
        (other,) = (image for image in second.images.tolist() if PurePath(image).stem == PurePath(one).stem)
        return f"their names differ in folder or ending only ({one}, {other}); name them alike in both tables"
    common = len(set(first.images) & set(second.images))
    return (
        f"{len(first.images)} and {len(second.images)}, of which {common} are the same; "
        f"{_only(first.images.tolist(), second.images.tolist())}; {REMEDY}"
    )


def _only(first: Sequence[str], second: Sequence[str]) -> str:
    """What only the first has, and what only the second."""
    sides = (("first", set(first) - set(second)), ("second", set(second) - set(first)))
    return "; ".join(f"only in the {side}: {few(sorted(names))}" for side, names in sides if names)


def _joined(groups: Sequence[NDArray[np.str_]]) -> NDArray[np.str_]:
    """The finest groups that hold whole groups of every table, by names of the first table's ``(N,)``."""
    rows = len(groups[0])
    members = [np.unique(one, return_inverse=True)[1] for one in groups]
    ends = np.concatenate([rows * (1 + table) + member for table, member in enumerate(members)])
    # A graph of images and, for each table, of groups, which are no more than images.
    nodes = rows * (1 + len(groups))
    starts = np.tile(np.arange(rows), len(groups))
    edges = coo_array((np.ones(len(ends)), (starts, ends)), shape=(nodes, nodes))
    part = connected_components(edges, directed=False)[1][:rows]
    _, start, of_row = np.unique(part, return_index=True, return_inverse=True)
    return groups[0][start][of_row]
