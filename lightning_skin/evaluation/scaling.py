"""A calibration: probabilities made to mean what they say by a few numbers, the same for all images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import log_softmax

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray, IntArray

Kind = Literal["temperature", "vector"]

SMALLEST = float(np.finfo(np.float64).eps)
"""Probabilities are held above it, as in ``nll``."""


@dataclass(frozen=True)
class Scaling:
    """Calibrated probabilities are ``softmax(weights * log p + biases)``.

    Temperature scaling has the weight ``1 / T`` for every class and no biases: logits divided by T (Guo et
    al., ICML 2017), since log p are logits less a number for each image, which softmax ignores. It never
    changes the most probable class. Vector scaling has a weight and a bias for each class. On log p, which
    every table has, and not on logits, it is the diagonal case of Dirichlet calibration (Kull et al., NeurIPS
    2019).

    Attributes:
        kind: ``temperature`` or ``vector``.
        class_names: The C classes, in the order of weights and biases.
        weights: At least 0, one for each class.
        biases: One for each class.
        images: How many it was fitted on.
        remarks: What makes it less trustworthy, a sentence each.

    Raises:
        ValueError: The numbers are not those of such a scaling.
    """

    kind: Kind
    class_names: tuple[str, ...]
    weights: tuple[float, ...]
    biases: tuple[float, ...]
    images: int
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the numbers, which may come from a file."""
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is {self.kind!r}, expected {' or '.join(get_args(Kind))}")
        if not len(self.weights) == len(self.biases) == len(self.class_names) > 0:
            raise ValueError("expected a weight and a bias for each class")
        if not np.isfinite([*self.weights, *self.biases]).all() or min(self.weights) < 0:
            raise ValueError(f"weights are {self.weights}, expected finite numbers of at least 0")
        one = len({*self.weights}) == 1 and self.weights[0] > 0 and not any(self.biases)
        if self.kind == "temperature" and not one:
            raise ValueError("temperature scaling has one positive weight for all classes and no biases")

    @property
    def title(self) -> str:
        """What was done, for a heading."""
        if self.kind == "vector":
            return "Vector scaling"
        return f"Temperature scaling, T = {1 / self.weights[0]:.3g}"

    def with_classes(self, class_names: Sequence[str]) -> "Scaling":
        """The same with the classes in another order.

        Raises:
            InputError: It was not fitted for these classes.
        """
        if sorted(class_names) != sorted(self.class_names):
            raise InputError(
                f"the calibration is of the classes {', '.join(self.class_names)}, "
                f"expected {', '.join(class_names)}"
            )
        order = [self.class_names.index(name) for name in class_names]
        return replace(
            self,
            class_names=tuple(class_names),
            weights=tuple(self.weights[index] for index in order),
            biases=tuple(self.biases[index] for index in order),
        )

    def apply(self, probabilities: FloatArray) -> FloatArray:
        """Calibrate probabilities.

        Args:
            probabilities: ``(N, C)``, rows sum to 1.

        Returns:
            ``(N, C)``, rows sum to 1, rounded to float32 as those of a table. With temperature scaling each
            row's first largest entry is where it was.
        """
        scaled = np.asarray(self.weights) * log_probabilities(probabilities) + np.asarray(self.biases)
        calibrated: FloatArray = np.exp(log_softmax(scaled, axis=1))
        if self.kind == "temperature":
            calibrated = _with_first_largest(calibrated, probabilities.argmax(axis=1))
        return calibrated.astype(np.float32).astype(np.float64)

    def calibrated(self, predictions: Predictions) -> Predictions:
        """The table with calibrated probabilities; without log-sum-exps, which are those of other logits.

        Raises:
            InputError: The table is of other classes.
        """
        own = self.with_classes(predictions.class_names)
        return replace(predictions, probabilities=own.apply(predictions.probabilities), log_sum_exp=None)

    def to_dict(self) -> dict[str, Any]:
        """Describe it in plain Python."""
        return {
            "kind": self.kind,
            "class_names": list(self.class_names),
            "weights": list(self.weights),
            "biases": list(self.biases),
            "images": self.images,
            "remarks": list(self.remarks),
        }

    @classmethod
    def from_dict(cls, described: Mapping[str, Any]) -> "Scaling":
        """Rebuild it from ``to_dict``.

        Raises:
            KeyError, TypeError, ValueError: It was not described by ``to_dict``.
        """
        return cls(
            described["kind"],
            tuple(str(name) for name in described["class_names"]),
            tuple(float(weight) for weight in described["weights"]),
            tuple(float(bias) for bias in described["biases"]),
            int(described["images"]),
            tuple(str(remark) for remark in described["remarks"]),
        )


def log_probabilities(probabilities: FloatArray) -> FloatArray:
    """Natural logarithms, finite also where a probability is 0 ``(N, C)``."""
    logs: FloatArray = np.log(np.maximum(probabilities, SMALLEST))
    return logs


def _with_first_largest(probabilities: FloatArray, guesses: IntArray) -> FloatArray:
    """Undo what rounding to float32 does to near ties, by its smallest step.

    Args:
        probabilities: Whose largest of each row is at its guess, but for rounding ``(N, C)``.
        guesses: Where the first largest of each row has to be ``(N,)``.
    """
    rounded, rows = probabilities.astype(np.float32), np.arange(len(guesses))
    largest = rounded.max(axis=1)
    rounded[rows, guesses] = largest
    tied = rounded.argmax(axis=1) != guesses
    rounded[rows[tied], guesses[tied]] = np.nextafter(largest[tied], np.float32(2))
    return rounded.astype(np.float64)
