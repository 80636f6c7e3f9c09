from lightning_skin.evaluation.report.numbers import class_rows, interval, number, overall_rows
from lightning_skin.evaluation.summary import Evaluation

NAN = float("nan")


def test_numbers_have_three_digits_and_a_real_minus_sign() -> None:
    assert number(0.5) == "0.500"
    assert number(-0.0126, "+") == "\N{MINUS SIGN}0.013"
    assert number(0.25, "+") == "+0.250"
    assert number(NAN) == "–"
    assert interval((0.1, 0.25)) == "0.100 to 0.250"
    assert interval((NAN, NAN)) == ""


def test_only_what_was_computed_is_a_row() -> None:
    evaluation = Evaluation(
        {"accuracy": 0.75, "ece": NAN, "recall_mel": NAN, "count_mel": 0.0, "npv_mel": 1.0},
        {"accuracy": (0.5, 0.9), "ece": (NAN, NAN), "recall_mel": (NAN, NAN), "npv_mel": (1.0, 1.0)},
    )
    rows = overall_rows(evaluation, {"majority": {"accuracy": 0.6}})
    told = [(row.metric.title, row.value, row.interval, list(row.baselines)) for row in rows]
    assert told == [("Accuracy", "0.750", "0.500 to 0.900", ["0.600"]), ("Calibration error", "–", "", ["–"])]
    (row,) = class_rows(evaluation, ["mel"])
    assert (row.images, row.span, [cell.told for cell in row.cells]) == (
        0,
        None,
        ["–", "1.000 [1.000 to 1.000]"],
    )
