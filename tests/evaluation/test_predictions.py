from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.metrics import classification_metrics
from lightning_skin.evaluation.predictions import Predictions, read_predictions, write_predictions

HEADER = "image,label,predicted,probability_nv,probability_mel,group\n"
GOOD = "a.jpg,nv,nv,0.75,0.25,L1\n"


def random_predictions(class_names: tuple[str, ...]) -> Predictions:
    rows = 300
    rng = np.random.default_rng(0)
    return Predictions(
        images=np.array([f"{index:06d}" for index in range(rows)]),
        labels=rng.integers(len(class_names), size=rows),
        probabilities=rng.dirichlet(np.ones(len(class_names)), rows),
        groups=np.array([f"{index // 2:06d}" for index in range(rows)]),
        class_names=class_names,
        log_sum_exp=rng.normal(3, 2, rows),
        attributes={"age": np.where(np.arange(rows) % 7, "55.0", ""), "skin type": np.full(rows, "NA")},
    )


def test_file_has_names_of_classes_and_one_probability_column_each(tmp_path: Path) -> None:
    predictions = Predictions(
        np.array(["a.jpg", "b.jpg"]),
        np.array([0, 0]),
        np.array([[0.75, 0.25], [0.1, 0.9]]),
        np.array(["L1", "L2"]),
        ("nv", "mel"),
    )
    write_predictions(predictions, tmp_path / "test.csv")
    text = (tmp_path / "test.csv").read_text()
    assert text == HEADER + GOOD + "b.jpg,nv,mel,0.100000001,0.899999976,L2\n"


@pytest.mark.parametrize(
    "class_names", [("nv", "mel"), ("NA", "a,b", 'quo"te', "5"), ("mel", "akiec", "bcc")]
)
def test_written_table_is_read_back_identically(tmp_path: Path, class_names: tuple[str, ...]) -> None:
    written = random_predictions(class_names)
    write_predictions(written, tmp_path / "val.csv")
    read = read_predictions(tmp_path / "val.csv")
    assert read.class_names == class_names
    for name in ("images", "labels", "probabilities", "groups", "predicted", "log_sum_exp"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))
    assert list(read.attributes) == ["age", "skin type"]
    for name, values in written.attributes.items():
        np.testing.assert_array_equal(read.attributes[name], values)


def test_a_table_without_log_sum_exps_stays_without(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(HEADER + GOOD)
    read = read_predictions(tmp_path / "test.csv")
    assert read.log_sum_exp is None
    assert not read.attributes


def test_metrics_of_the_file_are_those_of_the_table(tmp_path: Path) -> None:
    written = random_predictions(("nv", "mel", "bcc"))
    write_predictions(written, tmp_path / "val.csv")
    read = read_predictions(tmp_path / "val.csv")
    in_memory, from_file = (
        classification_metrics(table.labels, table.probabilities, table.class_names)
        for table in (written, read)
    )
    assert from_file == in_memory


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (GOOD + "b.jpg,nevus,nv,0.75,0.25,L2\n", r"test.csv: row 2 \(image 'b.jpg'\): the label"),
        (GOOD + "b.jpg,,nv,0.75,0.25,L2\n", r"row 2 \(image 'b.jpg'\): the label"),
        (GOOD + "b.jpg,nv,nv,,0.25,L2\n", r"row 2 .*not a finite number"),
        (GOOD + "b.jpg,nv,nv,many,0.25,L2\n", r"row 2 .*not a finite number"),
        (GOOD + "b.jpg,nv,nv,nan,0.25,L2\n", r"row 2 .*not a finite number"),
        (GOOD + "b.jpg,nv,nv,inf,0.25,L2\n", r"row 2 .*not a finite number"),
        (GOOD + "b.jpg,nv,nv,1.25,-0.25,L2\n", r"row 2 .*negative"),
        (GOOD + "b.jpg,nv,nv,0.75,0.252,L2\n", r"row 2 .*sum to 1 within 0.001"),
        (GOOD + GOOD, r"row 2 \(image 'a.jpg'\): the image occurs a second time"),
        (GOOD + "b.jpg,nv,nv,0.75,0.25,\n", r"row 2 .*group is empty"),
        (GOOD + "b.jpg,nv,mel,0.75,0.25,L2\n", r"row 2 .*predicted is not the most probable class"),
        ("", "test.csv: the table has no rows"),
    ],
)
def test_first_offending_row_is_named(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / "test.csv").write_text(HEADER + rows)
    with pytest.raises(InputError, match=message):
        read_predictions(tmp_path / "test.csv")


@pytest.mark.parametrize("value", ["", "many", "inf"])
def test_a_log_sum_exp_must_be_a_finite_number(tmp_path: Path, value: str) -> None:
    rows = GOOD[:-1] + ",1.5\nb.jpg,nv,nv,0.75,0.25,L2," + value
    (tmp_path / "test.csv").write_text(HEADER[:-1] + ",log_sum_exp\n" + rows + "\n")
    with pytest.raises(InputError, match=r"row 2 \(image 'b.jpg'\): log_sum_exp is not a finite number"):
        read_predictions(tmp_path / "test.csv")


def test_rounded_probabilities_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(HEADER + "a.jpg,nv,nv,0.75,0.2505,L1\n")
    assert read_predictions(tmp_path / "test.csv").predicted.tolist() == [0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("predicted,probability_nv\n", "test.csv lacks the columns image, label, found predicted"),
        ("image,label,predicted,group\n", "test.csv lacks columns probability_<class>"),
        ("", "test.csv is not a CSV table"),
        (HEADER + GOOD[:-1] + ",more\n", "test.csv is not a CSV table"),
        (HEADER[:-6] + "probability_nv,group\n" + GOOD, "has the column probability_nv twice"),
        (HEADER + GOOD + "b.jpg,nv,nv,0.75,0.25,L2,more\n", "test.csv is not a CSV table"),
    ],
)
def test_file_that_is_no_predictions_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "test.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_predictions(tmp_path / "test.csv")


def test_another_tool_may_leave_out_what_follows_from_the_rest(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("image,label,probability_nv,probability_mel\na,nv,0.25,0.75\n")
    read = read_predictions(tmp_path / "other.csv")
    assert read.predicted.tolist() == [1]
    assert read.groups.tolist() == ["a"]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv cannot be read.*No such file"):
        read_predictions(tmp_path / "absent.csv")


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="expected 2 rows each and 2 probabilities"):
        Predictions(
            np.array(["a", "b"]), np.array([0]), np.array([[0.5, 0.5]]), np.array(["a"]), ("nv", "mel")
        )


def test_an_attribute_needs_a_value_for_each_image() -> None:
    with pytest.raises(InputError, match=r"age has the shape \(2,\), expected 300 rows"):
        replace(random_predictions(("nv", "mel")), attributes={"age": np.array(["5", "6"])})


def test_a_subset_keeps_the_rows_together() -> None:
    table = random_predictions(("nv", "mel"))
    rows = np.arange(len(table.images)) % 3 == 0
    part = table.subset(rows)
    assert part.class_names == table.class_names
    for name in ("images", "labels", "probabilities", "groups", "log_sum_exp"):
        np.testing.assert_array_equal(getattr(part, name), getattr(table, name)[rows])
    np.testing.assert_array_equal(part.attributes["age"], table.attributes["age"][rows])


def test_classes_can_stand_in_another_order() -> None:
    table = random_predictions(("nv", "mel", "bkl"))
    turned = table.with_classes(("bkl", "nv", "mel"))
    names = np.array(table.class_names)
    assert np.array(turned.class_names)[turned.labels].tolist() == names[table.labels].tolist()
    assert np.array(turned.class_names)[turned.predicted].tolist() == names[table.predicted].tolist()
    assert np.array_equal(turned.probabilities, table.probabilities[:, [2, 0, 1]])
