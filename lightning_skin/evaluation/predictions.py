"""The predictions table: what a classifier said about each image, and what was true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError
from lightning_skin.evaluation.weighted import FloatArray, IntArray

PROBABILITY_PREFIX = "probability_"
REQUIRED = ("image", "label")
LOG_SUM_EXP = "log_sum_exp"
RESERVED = (*REQUIRED, "predicted", "group", LOG_SUM_EXP)
"""Names of columns that no attribute can have, beside those of probabilities."""
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Predictions:
    """One row for each image.

    Attributes:
        images: Unique image names or paths ``(N,)``, N >= 1.
        labels: True class indices ``(N,)`` in [0, C).
        probabilities: Class probabilities ``(N, C)``, rows sum to 1; rounded to float32, which is what
            networks give, so that a table and the file written from it have identical metrics.
        groups: Lesion or patient of each image ``(N,)``; the image's own name where none is known.
        class_names: The C classes, in the order of the columns.
        log_sum_exp: Logarithm of the sum of the exponentials of each image's logits ``(N,)``, which the
            probabilities have lost: it tells images apart that a network has seen nothing like. ``None``
            where it is not known.
        attributes: What else is known of each image as text, empty where it is not, by the name of its column
            ``(N,)``: age, sex, site, source, ...

    Raises:
        InputError: A row is unusable; the message names the first.
    """

    images: NDArray[np.str_]
    labels: IntArray
    probabilities: FloatArray
    groups: NDArray[np.str_]
    class_names: tuple[str, ...]
    log_sum_exp: FloatArray | None = None
    attributes: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bring the columns to their types and check them."""
        probabilities = np.asarray(self.probabilities, np.float32).astype(np.float64)
        object.__setattr__(self, "images", np.asarray(self.images, np.str_))
        object.__setattr__(self, "labels", np.asarray(self.labels, np.int64))
        object.__setattr__(self, "probabilities", probabilities)
        object.__setattr__(self, "groups", np.asarray(self.groups, np.str_))
        object.__setattr__(self, "class_names", tuple(self.class_names))
        if self.log_sum_exp is not None:
            # Rounded as the probabilities are.
            rounded = np.asarray(self.log_sum_exp, np.float32).astype(np.float64)
            object.__setattr__(self, "log_sum_exp", rounded)
        attributes = {name: np.asarray(values, np.str_) for name, values in self.attributes.items()}
        object.__setattr__(self, "attributes", attributes)
        self._check_shapes()
        self._check_rows()

    @property
    def predicted(self) -> IntArray:
        """Index of the most probable class of each image ``(N,)``; the first of equals."""
        return self.probabilities.argmax(axis=1)

    def subset(self, rows: NDArray[np.bool_] | IntArray) -> "Predictions":
        """Those rows of the table that are True in ``rows`` ``(N,)``, or have these indices; at least one."""
        return replace(
            self,
            images=self.images[rows],
            labels=self.labels[rows],
            probabilities=self.probabilities[rows],
            groups=self.groups[rows],
            log_sum_exp=None if self.log_sum_exp is None else self.log_sum_exp[rows],
            attributes={name: values[rows] for name, values in self.attributes.items()},
        )

    def with_classes(self, class_names: Sequence[str]) -> "Predictions":
        """The same predictions with the classes in another order."""
        order = [self.class_names.index(name) for name in class_names]
        return replace(
            self,
            labels=np.argsort(order)[self.labels],
            probabilities=self.probabilities[:, order],
            class_names=tuple(class_names),
        )

    def require_same_images(self, other: "Predictions") -> None:
        """Make sure that two tables can be compared row by row.

        Raises:
            ValueError: Images, labels, groups or classes differ.
        """
        columns = ((self.images, other.images), (self.labels, other.labels), (self.groups, other.groups))
        if self.class_names != other.class_names or not all(np.array_equal(*pair) for pair in columns):
            raise ValueError("the tables are not of the same images, labels, groups and classes")

    def _check_shapes(self) -> None:
        rows, num_classes = len(self.images), len(self.class_names)
        shapes = (self.labels.shape, self.probabilities.shape, self.groups.shape)
        if shapes != ((rows,), (rows, num_classes), (rows,)):
            raise InputError(
                f"labels, probabilities and groups have shapes {shapes}, "
                f"expected {rows} rows each and {num_classes} probabilities"
            )
        further = {name: values.shape for name, values in self.attributes.items()}
        if self.log_sum_exp is not None:
            further[LOG_SUM_EXP] = self.log_sum_exp.shape
        for name, shape in further.items():
            if shape != (rows,):
                raise InputError(f"{name} has the shape {shape}, expected {rows} rows")
        if rows == 0:
            raise InputError("the table has no rows, expected one for each image")

    def _check_rows(self) -> None:
        unknown = (self.labels < 0) | (self.labels >= len(self.class_names))
        self.refuse(unknown, f"the label is not one of the classes {', '.join(self.class_names)}")
        sums = self.probabilities.sum(axis=1)
        self.refuse(~np.isfinite(sums), "a probability is not a finite number")
        self.refuse(self.probabilities.min(axis=1) < 0, "a probability is negative")
        self.refuse(np.abs(sums - 1) > SUM_TOLERANCE, f"probabilities must sum to 1 within {SUM_TOLERANCE}")
        if self.log_sum_exp is not None:
            self.refuse(~np.isfinite(self.log_sum_exp), f"{LOG_SUM_EXP} is not a finite number")
        repeated = np.ones(len(self.images), bool)
        repeated[np.unique(self.images, return_index=True)[1]] = False
        self.refuse(repeated, "the image occurs a second time")
        self.refuse(
            self.groups == "", "the group is empty, expected the image's own name where none is known"
        )

    def refuse(self, flawed: NDArray[np.bool_], reason: str) -> None:
        """Stop at the first flawed row.

        Args:
            flawed: True where a row is flawed ``(N,)``.
            reason: What is wrong with it.

        Raises:
            InputError: A row is flawed.
        """
        if flawed.any():
            row = int(np.argmax(flawed))
            raise InputError(f"row {row + 1} (image {str(self.images[row])!r}): {reason}")


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write the table as CSV, complete or not at all.

    Columns: ``image, label, predicted``, one ``probability_<class>`` for each class in their order,
    ``group``, ``log_sum_exp`` where it is known, and the attributes; classes are written by name.

    Args:
        predictions: Table to write.
        path: File to write; an older one is replaced.
    """
    names = np.asarray(predictions.class_names)
    columns: dict[str, NDArray[np.generic]] = {
        "image": predictions.images,
        "label": names[predictions.labels],
        "predicted": names[predictions.predicted],
    }
    for index, name in enumerate(predictions.class_names):
        columns[PROBABILITY_PREFIX + name] = predictions.probabilities[:, index]
    columns["group"] = predictions.groups
    if predictions.log_sum_exp is not None:
        columns[LOG_SUM_EXP] = predictions.log_sum_exp
    columns |= predictions.attributes
    with atomic_path(path) as temporary:
        # Nine digits tell any two float32 numbers apart.
        pd.DataFrame(columns).to_csv(temporary, index=False, float_format="%.9g", encoding="utf-8")


def read_predictions(path: Path) -> Predictions:
    """Read and check a table written by ``write_predictions`` or by another tool.

    Args:
        path: CSV file; the classes and their order are those of its probability columns. ``predicted`` may be
            left out, and so may ``group``, so that every image is its own. Columns that ``write_predictions``
            does not name are attributes.

    Raises:
        InputError: The file is missing or is no such table; the message names the first offending row.
    """
    table = _read_csv(path)
    class_names = _class_names(table, path)
    # Without errors="coerce" pandas would not say in which row a number is broken.
    probability_columns = [PROBABILITY_PREFIX + name for name in class_names]
    probabilities = np.column_stack([_numbers(table[column]) for column in probability_columns])
    attributes = table.columns.difference([*RESERVED, *probability_columns], sort=False)
    try:
        predictions = Predictions(
            images=table["image"].to_numpy(np.str_),
            labels=_indices(table["label"], class_names),
            probabilities=probabilities,
            groups=table["group" if "group" in table else "image"].to_numpy(np.str_),
            class_names=class_names,
            log_sum_exp=_numbers(table[LOG_SUM_EXP]) if LOG_SUM_EXP in table else None,
            attributes={str(name): table[name].to_numpy(np.str_) for name in attributes},
        )
        if "predicted" in table:
            guesses = _indices(table["predicted"], class_names)
            predictions.refuse(guesses != predictions.predicted, "predicted is not the most probable class")
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return predictions


def _numbers(texts: "pd.Series[str]") -> FloatArray:
    """NaN where a text is no number."""
    return pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)


def _indices(names: "pd.Series[str]", class_names: tuple[str, ...]) -> IntArray:
    """Index of each name among the classes, -1 where it is none."""
    return pd.Index(class_names).get_indexer(pd.Index(names)).astype(np.int64)


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        # As text, so that an image "007" or a class "NA" keeps its name; the header as a row like the
        # others, because pandas renames repeated columns and takes surplus ones for an index.
        rows = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read, expected a predictions table: {error.strerror}") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a CSV table: {str(error).strip()}") from error
    table = rows.iloc[1:].set_axis(pd.Index(rows.iloc[0]), axis="columns")
    if table.columns.has_duplicates:
        repeated = table.columns[table.columns.duplicated()][0]
        raise InputError(f"{path} has the column {repeated} twice, expected each once")
    return table


def _class_names(table: pd.DataFrame, path: Path) -> tuple[str, ...]:
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}, found {', '.join(table.columns)}")
    named = [str(column) for column in table.columns if column.startswith(PROBABILITY_PREFIX)]
    if not named:
        raise InputError(f"{path} lacks columns {PROBABILITY_PREFIX}<class>, one for each class")
    return tuple(column.removeprefix(PROBABILITY_PREFIX) for column in named)
