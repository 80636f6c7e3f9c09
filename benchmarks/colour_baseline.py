"""How much of a run's score do mean colours alone explain? ``python benchmarks/colour_baseline.py RUN``.

Fits logistic regressions on the training images of a run and scores them on its test images, beside the
network and the majority guess. A network that is not clearly above them has learnt nothing but colour.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lightning_skin.data.manifest import Manifest, read_manifest
from lightning_skin.data.reading import read_image

FEATURES = {"mean of R, G, B": 3, "mean and deviation of R, G, B": 6}


def main(folder: Path) -> None:
    """Print balanced accuracies on the test images of the run in ``folder``."""
    manifest = read_manifest(folder / "manifest.csv")
    train, test = manifest.rows("train"), manifest.rows("test")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    train_colours, test_colours = colours(manifest, train), colours(manifest, test)
    print(f"{len(train)} training and {len(test)} test images; balanced accuracy on test:")
    print(f"  {'majority guess':<54}{1 / test['label'].nunique():.3f}")
    for name, columns in FEATURES.items():
        model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=5000))
        model.fit(train_colours[:, :columns], train["label"])
        guesses = model.predict(test_colours[:, :columns])
        print(f"  {f'logistic regression, {name}':<54}{balanced_accuracy_score(test['label'], guesses):.3f}")
    score, (low, high) = (part["test"]["balanced_accuracy"] for part in (metrics, metrics["intervals"]))
    print(f"  {'network of the run':<54}{score:.3f} [{low:.3f}, {high:.3f}]")


def colours(manifest: Manifest, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Mean and standard deviation of each channel of each image ``(N, 6)``, in grey levels."""
    pixels = (np.asarray(read_image(manifest.root / path), np.float64) for path in rows["path"])
    return np.stack([np.concatenate([image.mean(axis=(0, 1)), image.std(axis=(0, 1))]) for image in pixels])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/colour_baseline.py RUN")
    main(Path(sys.argv[1]))
