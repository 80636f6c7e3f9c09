import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from lightning_skin.evaluation.calibration import calibrate
from lightning_skin.evaluation.conformal import conformal_sets, fit_conformal
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.malignancy import malignancy_view
from lightning_skin.evaluation.metrics import baselines
from lightning_skin.evaluation.operating_points import Target, operating_points
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.report.facts import Leak, RunFacts
from lightning_skin.evaluation.selective import risk_coverage
from lightning_skin.evaluation.subgroups import subgroups
from lightning_skin.evaluation.summary import evaluate

CLASSES = ("bcc", "mel", "nv")
FEW = 100  # resamples, where a number of them can be asked for


def table(size: int, seed: int) -> Predictions:
    """Two images a lesion, a network that is right most of the time and too sure of itself."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(generator.choice(3, size // 2, p=(0.1, 0.3, 0.6)), 2)
    logits = generator.normal(size=(size, 3)) * 2
    logits[np.arange(size), labels] += 2.5
    scores = np.exp(logits)
    return Predictions(
        images=[f"images/{CLASSES[label]}/{seed}_{row:04}.jpg" for row, label in enumerate(labels)],
        labels=labels,
        probabilities=scores / scores.sum(axis=1, keepdims=True),
        groups=[f"lesion_{seed}_{row // 2}" for row in range(size)],
        class_names=CLASSES,
        log_sum_exp=np.log(scores.sum(axis=1)),
        attributes={
            "age": np.repeat(generator.integers(10, 90, size // 2), 2).astype(str),
            "sex": np.repeat(generator.choice(["female", "male", ""], size // 2, p=(0.5, 0.47, 0.03)), 2),
        },
    )


@pytest.fixture(scope="session")
def plain() -> Findings:
    """What is found about a table of another tool: nothing was asked for, and nothing else is known."""
    test = table(240, seed=1)
    return Findings(test=test, evaluation=evaluate(test, seed=0))


@pytest.fixture(scope="session")
def findings(plain: Findings) -> Findings:
    """Something of every kind."""
    test, val = plain.test, table(160, seed=2)
    calibration = calibrate(val, test, "temperature", seed=0)
    return Findings(
        test=test,
        evaluation=plain.evaluation,
        val=val,
        baselines=baselines([20, 60, 120], test.labels, CLASSES),
        malignancy=malignancy_view(test, ["bcc", "mel"], seed=0, resamples=FEW),
        melanoma=malignancy_view(test, ["mel"], seed=0, resamples=FEW),
        calibrated=calibration.scaling.calibrated(test),
        calibration=calibration,
        selective=risk_coverage(test, seed=0, resamples=FEW),
        conformal=conformal_sets(fit_conformal(val, 0.9), test),
        operating_points=operating_points(val, test, ["bcc", "mel"], [Target("sensitivity", 0.9)]),
        subgroups=subgroups(test, None, min_images=30, seed=0, resamples=FEW),
        protocols={"isic2018": {"balanced_accuracy": 0.5}},
    )


@pytest.fixture
def facts() -> RunFacts:
    return RunFacts(
        name="2026-11-25_09-30-00_ab12",
        created="2026-11-25T10:00:00+00:00",
        started="2026-11-25T09:30:00+0000",
        seconds=754.2,
        command="python scripts/run.py data=folder",
        seed=3,
        device="x86_64, 2 CPU cores, Linux",
        commit="171537c",
        versions={"torch": "2.14.1"},
        recipe={"Network": "resnet18 of torchvision", "Images": "64 x 64 pixels"},
        config="seed: 3\nmodel:\n  name: resnet18\n",
        data="/data/clinic",
        manifest_hash="9f2c" * 16,
        counts={name: {"train": 60, "val": 10, "test": 20} for name in CLASSES},
        leaks=[
            Leak(pair, name, 0, 0, 0)
            for pair in ("train and val", "train and test", "any two")
            for name in CLASSES
        ],
        licences={"CC-BY-NC": 240},
        history=[
            {"epoch": 0, "train/loss": 1.2, "val/loss": 1.1, "val/balanced_accuracy": 0.4},
            {"epoch": 1, "train/loss": 0.8, "val/loss": 0.9, "val/balanced_accuracy": 0.6},
        ],
        monitor="val/balanced_accuracy",
    )


@pytest.fixture(scope="session")
def picture() -> Callable[[str], bytes]:
    """Draws an image of a colour that depends on its name."""

    def draw(name: str) -> bytes:
        content = io.BytesIO()
        Image.new("RGB", (40, 30), (180, 60 + sum(name.encode()) % 120, 90)).save(content, "JPEG")
        return content.getvalue()

    return draw
