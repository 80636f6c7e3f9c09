from pathlib import Path

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.protocols import isic, medmnist
from lightning_skin.evaluation.protocols.write import PROTOCOLS, check_protocols, write_protocols


@pytest.fixture(scope="module")
def table() -> Predictions:
    """As many images as the test split of DermaMNIST."""
    images = np.array([f"ISIC_{index:07d}.jpg" for index in range(2005)])
    probabilities = np.random.default_rng(0).dirichlet(np.ones(7), 2005)
    return Predictions(images, np.arange(2005) % 7, probabilities, images, medmnist.CLASSES)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_each_protocol_is_scored_and_written(tmp_path: Path, table: Predictions) -> None:
    scores = write_protocols(table, tmp_path / "new", ["isic2018", "dermamnist_224"], run="7")
    assert scores == {"isic2018": isic.score(isic.ISIC2018, table), "dermamnist_224": medmnist.score(table)}
    auc, acc = (scores["dermamnist_224"][name] for name in ("auc", "acc"))
    assert files(tmp_path / "new") == [
        f"dermamnist_224_test_[AUC]{auc:.3f}_[ACC]{acc:.3f}@7.csv",
        "isic2018_test.csv",
    ]


def test_nothing_is_written_where_one_protocol_does_not_fit(tmp_path: Path, table: Predictions) -> None:
    with pytest.raises(InputError, match="isic2019 asks for the class SCC"):
        write_protocols(table, tmp_path, ["isic2018", "isic2019"])
    assert files(tmp_path) == []


def test_the_split_is_that_of_the_images(tmp_path: Path, table: Predictions) -> None:
    with pytest.raises(InputError, match="needs the 1003 images of the official val split, found 2005"):
        check_protocols(["dermamnist"], table.class_names, table.images.tolist(), split="val")
    write_protocols(table, tmp_path, ["isic2018"], split="val")
    assert files(tmp_path) == ["isic2018_val.csv"]


def test_an_unknown_protocol_is_refused_with_the_known_ones(table: Predictions) -> None:
    with pytest.raises(InputError, match=f"isic2020 is no protocol, expected one of {', '.join(PROTOCOLS)}"):
        check_protocols(["isic2020"], table.class_names, table.images.tolist())


def test_no_protocol_writes_nothing(tmp_path: Path, table: Predictions) -> None:
    assert write_protocols(table, tmp_path / "new", []) == {}
    assert not (tmp_path / "new").exists()
