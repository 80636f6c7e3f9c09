from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, recall_score

from lightning_skin.errors import InputError
from lightning_skin.evaluation.predictions import Predictions
from lightning_skin.evaluation.protocols.isic import (
    ISIC2018,
    ISIC2019,
    Challenge,
    check,
    score,
    write_submission,
)

HAM10000 = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
EIGHT = ("akiec", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc")


def random_table(class_names: tuple[str, ...], rows: int = 200, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    images = np.array([f"images/nv/ISIC_{index:07d}.jpg" for index in range(rows)])
    labels = rng.integers(len(class_names), size=rows)
    probabilities = rng.dirichlet(np.ones(len(class_names)), rows)
    return Predictions(images, labels, probabilities, images, class_names)


def reference(table: Predictions, weights: np.ndarray) -> float:
    """Mean recall of scikit-learn, an answer of two classes being none."""
    peaks = table.probabilities == table.probabilities.max(axis=1, keepdims=True)
    answers = np.where(peaks.sum(axis=1) == 1, peaks.argmax(axis=1), -1)
    present = np.unique(table.labels[weights > 0])
    recalls = recall_score(table.labels, answers, labels=present, average=None, sample_weight=weights)
    return float(recalls.mean())


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path)


def test_2018_has_its_columns_in_order_and_names_without_folder_and_suffix(tmp_path: Path) -> None:
    table = random_table(HAM10000)
    write_submission(ISIC2018, table, tmp_path / "out" / "isic2018.csv")
    written = read(tmp_path / "out" / "isic2018.csv")
    assert list(written) == ["image", "MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]
    assert written["image"].tolist() == [f"ISIC_{index:07d}" for index in range(200)]
    for index, name in enumerate(HAM10000):
        np.testing.assert_allclose(written[name.upper()], table.probabilities[:, index], atol=5e-10)


def test_2019_has_a_column_for_what_is_none_of_the_others(tmp_path: Path) -> None:
    table = random_table(EIGHT)
    write_submission(ISIC2019, table, tmp_path / "isic2019.csv")
    written = read(tmp_path / "isic2019.csv")
    assert list(written) == ["image", "MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK"]
    np.testing.assert_allclose(written["AK"], table.probabilities[:, 0], atol=5e-10)
    assert (written["UNK"] == 0).all()


def test_columns_are_floating_point_as_the_challenge_demands(tmp_path: Path) -> None:
    table = random_table(EIGHT)
    sure = replace(table, probabilities=np.eye(8)[table.labels])
    write_submission(ISIC2019, sure, tmp_path / "isic2019.csv")
    written = read(tmp_path / "isic2019.csv").set_index("image")
    assert set(written.dtypes) == {np.dtype(np.float64)}
    assert written.to_numpy().min() == 0
    assert written.to_numpy().max() == 1


def test_close_confidences_stay_apart_in_the_file(tmp_path: Path) -> None:
    table = random_table(HAM10000, rows=2)
    close = np.full((2, 7), 1 / 7, np.float32)
    close[0, 3], close[1, 5] = (np.nextafter(close[0, 0], np.float32(1)),) * 2
    write_submission(ISIC2018, replace(table, probabilities=close), tmp_path / "isic2018.csv")
    written = read(tmp_path / "isic2018.csv").set_index("image")
    assert written.idxmax(axis=1).tolist() == ["DF", "NV"]
    assert (written.eq(written.max(axis=1), axis=0).sum(axis=1) == 1).all()


def test_an_unknown_class_and_the_challenges_own_names_are_understood() -> None:
    table = random_table(("AK", "BCC", "BKL", "DF", "MEL", "NV", "SCC", "UNK", "VASC"))
    check(ISIC2019, table.class_names, table.images.tolist())
    ours = replace(table, class_names=(*EIGHT[:7], "unknown", "vasc"))
    assert score(ISIC2019, table) == score(ISIC2019, ours)
    assert score(ISIC2019, table)["count_classes"] == 9


def test_score_is_the_balanced_accuracy_of_scikit_learn() -> None:
    table = random_table(HAM10000)
    expected = balanced_accuracy_score(table.labels, table.predicted)
    assert score(ISIC2018, table) == {
        "balanced_accuracy": pytest.approx(expected),
        "count_images": 200,
        "count_classes": 7,
        "count_undecided": 0,
    }


def test_an_answer_of_two_classes_is_wrong_even_if_one_is_right() -> None:
    table = random_table(HAM10000)
    tied = np.zeros((200, 7))
    tied[np.arange(200), table.labels] = 0.5
    tied[np.arange(200), (table.labels + 1) % 7] += 0.5
    half = np.where(np.arange(200)[:, None] % 2 == 0, tied, table.probabilities)
    table = replace(table, probabilities=half)
    found = score(ISIC2018, table)
    assert found["count_undecided"] == 100
    assert found["balanced_accuracy"] == pytest.approx(reference(table, np.ones(200)))


def test_a_class_without_images_is_left_out_and_counted() -> None:
    table = random_table(HAM10000).subset(random_table(HAM10000).labels != 3)
    found = score(ISIC2018, table)
    assert found["count_classes"] == 6
    assert found["balanced_accuracy"] == pytest.approx(reference(table, np.ones(len(table.images))))


def test_images_weigh_what_the_organisers_say() -> None:
    weights = np.random.default_rng(1).choice(["0", "0.5", "1.0", ""], 200)
    table = replace(random_table(EIGHT), attributes={"score_weight": weights})
    numbers = np.array([float(text or 1) for text in weights])
    found = score(ISIC2019, table)
    assert found["balanced_accuracy"] == pytest.approx(reference(table, numbers))
    assert found["count_images"] == (numbers > 0).sum()


@pytest.mark.parametrize("weight", ["many", "-1", "inf", "nan"])
def test_a_weight_that_is_none_is_refused(weight: str) -> None:
    table = random_table(EIGHT, rows=2)
    with pytest.raises(InputError, match=r"row 2 .*: score_weight is no finite number of at least 0"):
        score(ISIC2019, replace(table, attributes={"score_weight": np.array(["1", weight])}))


def test_the_image_that_the_organisers_took_out_does_not_count() -> None:
    table = random_table(HAM10000)
    images = table.images.copy()
    images[7] = "test/ISIC_0035068.jpg"
    others = table.subset(np.arange(200) != 7)
    assert score(ISIC2018, replace(table, images=images)) == score(ISIC2018, others)


@pytest.mark.parametrize(
    ("challenge", "class_names", "message"),
    [
        (ISIC2018, EIGHT, "isic2018 has no class scc, only mel, nv, .*; leave the protocol out, or rename"),
        (
            ISIC2018,
            HAM10000[:-1],
            "isic2018 asks for the class VASC, which the classifier does not know, only",
        ),
        (ISIC2019, HAM10000, "isic2019 asks for the class SCC"),
        (ISIC2019, ("benign", "malignant"), "isic2019 has no class benign"),
    ],
)
def test_other_classes_are_refused(challenge: Challenge, class_names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(challenge, class_names, ["a.jpg"])


def test_two_images_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="without folder and suffix, and ISIC_1 would stand for two"):
        check(ISIC2018, HAM10000, ["mel/ISIC_1.jpg", "nv/ISIC_1.PNG"])
    check(ISIC2018, HAM10000, ["mel/ISIC_1.jpg", "nv/ISIC_1.5"])
