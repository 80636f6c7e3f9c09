"""What do intervals cost? ``python benchmarks/evaluating.py [--rows 2000 10000]``.

Times all metrics in 2,000 resamples of a drawn predictions table, beside scikit-learn's functions called
for some of the same resamples and multiplied up, and checks that both say the same. Limit the threads of
NumPy to compare machines: ``OMP_NUM_THREADS=2``.
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
from sklearn import metrics as reference

from lightning_skin.evaluation.intervals import bootstrap_intervals, group_resample_weights
from lightning_skin.evaluation.malignancy import malignancy_view
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.weighted import FloatArray

RESAMPLES = 2000
SAMPLED = 10
"""Resamples that scikit-learn is timed on."""


def main() -> None:
    """Print a row for each size of table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=int, default=[2000, 10000])
    parser.add_argument("--classes", type=int, default=7)
    chosen = parser.parse_args()
    titles = ("images", "all metrics", "malignant or benign", "scikit-learn", "peak memory")
    print(f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}")
    for rows in chosen.rows:
        cells = [f"{seconds:.2f} s" for seconds in times(drawn_table(rows, chosen.classes))]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        print(f"| {rows:,} | {' | '.join(cells)} | {peak:.0f} MiB |", flush=True)


def times(table: Predictions) -> list[float]:
    """Seconds for the intervals of all metrics, of the malignancy view, and of scikit-learn's functions."""
    malignant = table.class_names[:2]
    tasks: tuple[Callable[[], object], ...] = (
        lambda: bootstrap_intervals(table, resamples=RESAMPLES),
        lambda: malignancy_view(table, malignant, seed=0, resamples=RESAMPLES),
        lambda: resample_with_scikit_learn(table),
    )
    found = []
    for task in tasks:
        start = time.perf_counter()
        task()
        found.append(time.perf_counter() - start)
    return [*found[:2], found[2] * RESAMPLES / SAMPLED]


def drawn_table(rows: int, num_classes: int) -> Predictions:
    """Predictions of groups of one to three images, of classes as unequal as those of HAM10000."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(rows), rng.integers(1, 4, rows))[:rows]
    shares = 0.55 ** np.arange(num_classes)
    labels = rng.choice(num_classes, rows, p=shares / shares.sum())[groups]
    logits = rng.normal(size=(rows, num_classes)) + 2 * np.eye(num_classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    images = np.array([f"image{row}" for row in range(rows)])
    names = tuple(f"class{index}" for index in range(num_classes))
    return Predictions(images, labels, probabilities, groups.astype(str), names)


def resample_with_scikit_learn(table: Predictions) -> None:
    """Score some resamples one by one.

    Raises:
        RuntimeError: The scores are not ours.
    """
    draws = np.concatenate(list(group_resample_weights(table.labels, table.groups, SAMPLED, seed=0)))
    for weights in draws:
        theirs = scikit_learn_scores(table, weights)
        ours = classification_metrics(table.labels, table.probabilities, table.class_names, weights)
        if not np.allclose([ours[name] for name in theirs], list(theirs.values()), atol=1e-9):
            raise RuntimeError(f"scikit-learn says {theirs}, but we say {ours}")


def scikit_learn_scores(table: Predictions, weights: FloatArray) -> dict[str, float]:
    """The metrics that scikit-learn has."""
    truth, guess = table.labels, table.predicted
    options = {"sample_weight": weights}
    scores = {
        "accuracy": reference.accuracy_score(truth, guess, **options),
        "balanced_accuracy": reference.balanced_accuracy_score(truth, guess, **options),
        "kappa": reference.cohen_kappa_score(truth, guess, **options),
        "mcc": reference.matthews_corrcoef(truth, guess, **options),
    }
    for index, name in enumerate(table.class_names):
        positive, probability = truth == index, table.probabilities[:, index]
        scores[f"auroc_{name}"] = reference.roc_auc_score(positive, probability, **options)
        scores[f"average_precision_{name}"] = reference.average_precision_score(
            positive, probability, **options
        )
        guessed = guess == index
        scores[f"recall_{name}"] = reference.recall_score(positive, guessed, **options)
        scores[f"specificity_{name}"] = reference.recall_score(~positive, ~guessed, **options)
        scores[f"precision_{name}"] = reference.precision_score(positive, guessed, **options)
        scores[f"npv_{name}"] = reference.precision_score(~positive, ~guessed, **options)
        scores[f"f1_{name}"] = reference.f1_score(positive, guessed, **options)
    return scores


if __name__ == "__main__":
    main()
