from pathlib import Path

import numpy as np
from PIL import Image

from lightning_skin.evaluation.comparison.compare import compare_contenders
from lightning_skin.evaluation.comparison.contender import pool_runs
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.modes.comparison_figures import draw_comparison


def test_every_pair_has_its_figure(tmp_path: Path) -> None:
    images, labels = np.array(list("abcdef")), np.array([0, 0, 0, 1, 1, 1])
    probabilities = np.random.default_rng(0).dirichlet([1, 1], size=(3, 6))
    contenders = [
        pool_runs(name, {name: Predictions(images, labels, of, images, ("mel", "nv"))})
        for name, of in zip("xyz", probabilities, strict=True)
    ]
    draw_comparison(compare_contenders(contenders, "first", seed=0), tmp_path)
    names = {"standings.png", "differences.png", "confusion_A_to_B.png", "confusion_A_to_C.png"}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert all(min(Image.open(tmp_path / name).size) > 200 for name in names)
