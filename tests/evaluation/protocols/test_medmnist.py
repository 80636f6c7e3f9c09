from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.protocols.medmnist import CLASSES, check, file_name, score, write_results


def random_table(class_names: tuple[str, ...] = CLASSES, rows: int = 210) -> Predictions:
    rng = np.random.default_rng(0)
    images = np.array([f"test/mel/{index:06d}.png" for index in range(1, rows + 1)])
    probabilities = rng.dirichlet(np.ones(len(class_names)), rows)
    return Predictions(images, np.arange(rows) % len(class_names), probabilities, images, class_names)


def test_scores_are_those_of_the_evaluator_for_multi_class_sets() -> None:
    table = random_table()
    areas = [roc_auc_score(table.labels == index, table.probabilities[:, index]) for index in range(7)]
    assert score(table) == {
        "auc": pytest.approx(sum(areas) / 7),
        "acc": pytest.approx(accuracy_score(table.labels, table.probabilities.argmax(axis=-1))),
    }


def test_equals_are_decided_in_the_order_of_the_benchmark() -> None:
    # Of the classifier's own order, nv would be the first of equals.
    table = random_table(("nv", *(name for name in CLASSES if name != "nv")), rows=7)
    even = replace(table, probabilities=np.full((7, 7), 1 / 7))
    assert score(even)["acc"] == pytest.approx(1 / 7)
    assert score(even.subset(even.labels != 0))["acc"] == pytest.approx(1 / 6)
    assert score(even.subset(even.labels != 1))["acc"] == 0


def test_auc_is_undefined_without_a_class() -> None:
    table = random_table()
    assert np.isnan(score(table.subset(table.labels != 3))["auc"])


def test_file_is_called_as_the_evaluator_calls_it() -> None:
    scores = {"auc": 0.91234, "acc": 0.7}
    assert file_name("dermamnist", "test", scores, "2") == "dermamnist_test_[AUC]0.912_[ACC]0.700@2.csv"
    assert file_name("dermamnist_64", "val", scores, "2") == "dermamnist_64_val_[AUC]0.912_[ACC]0.700@2.csv"


def test_rows_are_places_in_the_benchmarks_file_and_columns_its_classes(tmp_path: Path) -> None:
    table = random_table(CLASSES[::-1])
    shuffled = np.random.default_rng(1).permutation(210)
    mixed = replace(
        table,
        images=table.images[shuffled],
        labels=table.labels[shuffled],
        probabilities=table.probabilities[shuffled],
        groups=table.groups[shuffled],
    )
    write_results(mixed, tmp_path / "out" / "results.csv")
    # As the evaluator reads it.
    read = pd.read_csv(tmp_path / "out" / "results.csv", index_col=0, header=None)
    assert read.index.tolist() == list(range(210))
    np.testing.assert_allclose(read.sort_index().to_numpy(), table.probabilities[:, ::-1], rtol=1e-8)


def test_images_of_another_source_are_numbered_as_they_come(tmp_path: Path) -> None:
    table = random_table()
    images = np.array([f"ISIC_{index:07d}.jpg" for index in range(210)][::-1])
    write_results(replace(table, images=images), tmp_path / "results.csv")
    read = pd.read_csv(tmp_path / "results.csv", index_col=0, header=None)
    assert read.index.tolist() == list(range(210))
    np.testing.assert_allclose(read.to_numpy(), table.probabilities, rtol=1e-8)


def test_classes_in_any_order_and_case_are_those_of_the_benchmark() -> None:
    check("dermamnist", [name.upper() for name in reversed(CLASSES)], 1003, "val")


@pytest.mark.parametrize(
    ("class_names", "images", "message"),
    [
        (CLASSES[:-1], 2005, "dermamnist_64 needs the classes akiec, .*, vasc, found akiec, .*, nv; leave"),
        (
            CLASSES,
            2004,
            "dermamnist_64 needs the 2005 images of the official test split, found 2004; take all",
        ),
    ],
)
def test_what_is_not_the_benchmark_is_refused(
    class_names: tuple[str, ...], images: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        check("dermamnist_64", class_names, images, "test")
