from io import StringIO

from rich.console import Console
from rich.table import Table

from lightning_skin.evaluation.calibration import CalibrationReport
from lightning_skin.evaluation.malignancy import MalignancyView
from lightning_skin.evaluation.scaling import Scaling
from lightning_skin.evaluation.summary import Evaluation
from lightning_skin.evaluation.tables import (
    CALIBRATION,
    HEADLINES,
    OF_MALIGNANCY,
    calibration_table,
    headline_table,
    malignancy_table,
    members_table,
    per_class_table,
)

NAN = float("nan")


def lines(table: Table) -> list[list[str]]:
    """The printed cells of each row below the header."""
    console = Console(file=StringIO(), width=120, color_system=None)
    console.print(table)
    printed = console.file.getvalue().splitlines()
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in printed if line.startswith("│")]


def test_each_class_has_a_row_with_its_recall_interval() -> None:
    metrics = {
        "recall_mel": 0.5,
        "specificity_mel": 0.98765,
        "precision_mel": NAN,
        "npv_mel": 0.75,
        "auroc_mel": 1.0,
        "average_precision_mel": 0.625,
        "count_mel": 12.0,
    }
    absent = {name.replace("mel", "nv[b]"): NAN for name in metrics} | {"count_nv[b]": 0.0}
    evaluation = Evaluation(metrics | absent, {"recall_mel": (0.25, 0.75), "recall_nv[b]": (NAN, NAN)})
    assert lines(per_class_table(evaluation, ["mel", "nv[b]"])) == [
        ["mel", "12", "0.500 [0.250, 0.750]", "0.988", "–", "0.750", "1.000", "0.625"],
        ["nv[b]", "0", "–", "–", "–", "–", "–", "–"],
    ]


def test_headlines_stand_beside_the_baseline() -> None:
    evaluation = Evaluation(dict.fromkeys(HEADLINES, 0.5), dict.fromkeys(HEADLINES, (0.4, 0.6)))
    guesses = {"majority": dict.fromkeys(HEADLINES, 0.125), "prior": dict.fromkeys(HEADLINES, 0.0625)}
    table = headline_table({"Value": evaluation}, guesses)
    assert [column.header for column in table.columns] == ["Metric", "Value", "Majority guess", "Prior guess"]
    assert lines(table)[0] == ["Balanced accuracy", "0.500 [0.400, 0.600]", "0.125", "0.062"]
    assert lines(headline_table({"Value": evaluation}, {}))[-1] == [
        "Calibration error",
        "0.500 [0.400, 0.600]",
    ]


def test_evaluations_stand_side_by_side_under_their_titles() -> None:
    all_images, some = (
        Evaluation(dict.fromkeys(HEADLINES, value), dict.fromkeys(HEADLINES, (0.25, 0.75)))
        for value in (0.5, 0.375)
    )
    table = headline_table({"All": all_images, "Some": some}, {})
    assert [column.header for column in table.columns] == ["Metric", "All", "Some"]
    assert lines(table)[1] == ["Accuracy", "0.500 [0.250, 0.750]", "0.375 [0.250, 0.750]"]


def test_a_difference_has_signs() -> None:
    value, change = (
        Evaluation(dict.fromkeys(HEADLINES, number), dict.fromkeys(HEADLINES, ends))
        for number, ends in ((0.5, (0.4, 0.6)), (0.0625, (-0.125, 0.25)))
    )
    table = headline_table({"Plain": value}, {"majority": dict.fromkeys(HEADLINES, 0.1)}, difference=change)
    assert [column.header for column in table.columns] == ["Metric", "Plain", "Difference", "Majority guess"]
    assert lines(table)[0][2] == "+0.062 [-0.125, +0.250]"


def test_members_stand_above_their_mean_and_the_whole() -> None:
    metrics = dict.fromkeys(HEADLINES, 0.5) | {"count_a": 2.0, "count_b": 3.0}
    deviation = dict.fromkeys(HEADLINES, 0.125) | {"count_a": 0.0, "count_b": 0.0}
    table = members_table({"0[x]": [metrics], "mean": [metrics, deviation]})
    assert lines(table) == [["0[x]", "5", *["0.500"] * 5], ["mean", "", *["0.500 ± 0.125"] * 5]]


def test_malignant_against_benign_stands_beside_melanoma() -> None:
    both, melanoma = (
        MalignancyView(
            ("mel",),
            dict.fromkeys(OF_MALIGNANCY, value) | {"count_malignant": count},
            dict.fromkeys(OF_MALIGNANCY, (value, 1.0)),
        )
        for value, count in ((0.5, 12.0), (NAN, 0.0))
    )
    table = malignancy_table({"Malignant": both, "Melanoma [mel]": melanoma})
    assert lines(table)[0] == ["Images", "12", "0"]
    assert lines(table)[4] == ["Sensitivity at 90 % specificity", "0.500 [0.500, 1.000]", "–"]
    assert len(lines(table)) == 8


def test_a_calibration_is_shown_by_what_it_changes() -> None:
    names = {**HEADLINES, **CALIBRATION}
    before = Evaluation(dict.fromkeys(names, 0.5), dict.fromkeys(names, (0.4, 0.6)))
    after = Evaluation(before.metrics | {"ece": 0.25, "auroc": 0.75}, before.intervals)
    change = Evaluation(
        dict.fromkeys(names, 0.0) | {"ece": -0.25, "auroc": 0.25}, dict.fromkeys(names, (-0.125, 0.125))
    )
    scaling = Scaling("temperature", ("mel", "nv"), (0.5, 0.5), (0.0, 0.0), 9, ("a remark",))
    table = calibration_table(CalibrationReport(scaling, before, after, change))
    assert (str(table.title), str(table.caption)) == ("Temperature scaling, T = 2", "Note: a remark")
    rows = lines(table)
    worse = Evaluation(change.metrics, change.intervals | {"nll": (0.125, 0.25)})
    table = calibration_table(CalibrationReport(None, before, after, worse))
    assert str(table.title) == "Calibration, of each round by its own"
    assert str(table.caption).startswith("Note: it does harm")
    assert [row[0] for row in rows] == ["Calibration error", "Log loss", "Brier score", "AUROC"]
    assert rows[0][1:] == ["0.500 [0.400, 0.600]", "0.250 [0.400, 0.600]", "-0.250 [-0.125, +0.125]"]
