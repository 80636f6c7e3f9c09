"""Calibration: fitted on validation images, judged on test images."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import log_softmax, softmax

from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.scaling import Kind, Scaling, log_probabilities
from lightning_skin.evaluation.summary import Evaluation, compare
from lightning_skin.evaluation.weighted import FloatArray

MAX_TEMPERATURE = 20.0
TEMPERATURE_DEVIATION = 3.0
"""Of the normal prior of ``1 / T`` around 1."""
VECTOR_DEVIATION = 1.0
"""Of the normal priors of each weight around 1 and of each bias around 0."""
FEW_IMAGES = 100
FEW_OF_A_CLASS = 10


@dataclass(frozen=True)
class CalibrationReport:
    """What a scaling does to the predictions of test images.

    Attributes:
        scaling: From other images; ``None`` where each round of a cross-validation has its own.
        before: Of the predictions as they were.
        after: Of the calibrated ones.
        difference: After less before, with paired intervals. They are those of the scaling at hand: that it
            was estimated itself is not in them.
    """

    scaling: Scaling | None
    before: Evaluation
    after: Evaluation
    difference: Evaluation

    @property
    def does_harm(self) -> bool:
        """Whether the log loss rises by more than chance."""
        return self.difference.intervals["nll"][0] > 0


def calibrate(val: Predictions, test: Predictions, kind: Kind, *, seed: int) -> CalibrationReport:
    """Fit a scaling on validation images and judge it on test images.

    Args:
        val: To fit on.
        test: To judge on; of the same classes, in any order.
        kind: ``temperature`` or ``vector``.
        seed: Of the bootstrap.

    Raises:
        InputError: The classes differ.
    """
    scaling = FITS[kind](val)
    return CalibrationReport(scaling, *compare(test, scaling.calibrated(test), seed=seed))


def fit_temperature(val: Predictions) -> Scaling:
    """Find the temperature with the smallest log loss (Guo et al., ICML 2017, sec. 4.2).

    The sum of the log losses is convex in ``1 / T``. To it is added ``(1 / T - 1)^2 / (2 * 3^2)``, as if by a
    normal prior: too little to be noticed on hundreds of images; but where all are guessed rightly the losses
    have no minimum, and a network would be made certain of everything for having been right a few times. T
    stays within [1 / 20, 20].

    Args:
        val: Images that the network was not trained on.
    """
    logs = log_probabilities(val.probabilities)
    of_truth = logs[np.arange(len(logs)), val.labels].sum()

    def slope(inverse: float) -> float:
        expected = (softmax(inverse * logs, axis=1) * logs).sum()
        return float(expected - of_truth + (inverse - 1) / TEMPERATURE_DEVIATION**2)

    low, high = 1 / MAX_TEMPERATURE, MAX_TEMPERATURE
    if slope(low) >= 0:
        inverse = low
    elif slope(high) <= 0:
        inverse = high
    else:
        inverse = float(brentq(slope, low, high, xtol=1e-12))
    remarks = [*_remarks(val)]
    if inverse in (low, high):
        remarks.append(f"the temperature is held at {1 / inverse:g}, the end of its range")
    count = len(val.class_names)
    return Scaling(
        "temperature", val.class_names, (inverse,) * count, (0.0,) * count, len(logs), tuple(remarks)
    )


def fit_vector(val: Predictions) -> Scaling:
    """Find weights and biases of the classes with the smallest log loss (Guo et al., ICML 2017, sec. 4.2).

    To the sum of the log losses is added half the squared distance from weights of 1 and biases of 0, as if
    by standard normal priors: without it, a class that no validation image has would get a bias of minus
    infinity, and numbers fitted on a handful of images would be believed. Weights stay at or above 0.

    Args:
        val: Images that the network was not trained on.
    """
    logs = log_probabilities(val.probabilities)
    truth = np.eye(logs.shape[1])[val.labels]
    rows, classes = logs.shape

    def loss_and_slopes(parameters: FloatArray) -> tuple[float, FloatArray]:
        weights, biases = parameters[:classes], parameters[classes:]
        said = log_softmax(weights * logs + biases, axis=1)
        distances = np.concatenate([weights - 1, biases]) / VECTOR_DEVIATION
        errors = np.exp(said) - truth
        slopes = np.concatenate([(errors * logs).sum(axis=0), errors.sum(axis=0)])
        loss = -(said * truth).sum() + (distances**2).sum() / 2
        return loss / rows, (slopes + distances / VECTOR_DEVIATION) / rows

    found = minimize(
        loss_and_slopes,
        np.concatenate([np.ones(classes), np.zeros(classes)]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * classes + [(None, None)] * classes,
        options={"maxiter": 10_000, "ftol": 1e-15, "gtol": 1e-8},
    ).x.tolist()
    remarks = (*_remarks(val), *_remarks_on_classes(val))
    return Scaling("vector", val.class_names, tuple(found[:classes]), tuple(found[classes:]), rows, remarks)


FITS: Mapping[str, Callable[[Predictions], Scaling]] = {"temperature": fit_temperature, "vector": fit_vector}


def _remarks(val: Predictions) -> Iterator[str]:
    if len(val.labels) < FEW_IMAGES:
        yield f"it is fitted on {len(val.labels)} image(s) only"
    if (val.predicted == val.labels).all():
        yield "every validation image is guessed rightly, so that how often the network errs is not known"


def _remarks_on_classes(val: Predictions) -> Iterator[str]:
    counts = np.bincount(val.labels, minlength=len(val.class_names))
    counted = zip(val.class_names, counts, strict=True)
    if few := [f"{name} ({count})" for name, count in counted if count < FEW_OF_A_CLASS]:
        yield f"some classes have fewer than {FEW_OF_A_CLASS} validation images: {', '.join(few)}"
