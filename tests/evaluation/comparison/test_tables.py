from typing import Any

from rich.console import Console
from rich.table import Table

from lightning_skin.evaluation.comparison.tables import contenders_table, differences_table, remarks

Document = dict[str, Any]


def text_of(table: Table) -> list[str]:
    console = Console(width=140, record=True, file=None)
    with console.capture() as captured:
        console.print(table)
    return [line for line in captured.get().splitlines() if line.startswith("│")]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_contenders_stand_with_letter_name_and_intervals(document: Document) -> None:
    rows = [cells(line) for line in text_of(contenders_table(document))]
    weak, differs, _, _, seeds, _ = rows
    value = document["contenders"][0]["metrics"]["balanced_accuracy"]
    low, high = document["contenders"][0]["intervals"]["balanced_accuracy"]
    assert weak[:4] == ["A", "weak", "1", f"{value:.3f} [{low:.3f}, {high:.3f}]"]
    assert differs[:2] == ["", "model=0"]
    assert seeds[:3] == ["C", "seeds", "3 seeds"]


def test_differences_stand_with_p_values_and_words(document: Document) -> None:
    rows = [cells(line) for line in text_of(differences_table(document))]
    assert [row[0] for row in rows] == ["A, B", "", "", "", "", "A, C", "", "", "", ""]
    found = document["pairs"][0]["differences"]["balanced_accuracy"]
    low, high = found["interval"]
    assert rows[0][4] == f"+{found['value']:.3f} [+{low:.3f}, +{high:.3f}]"
    assert rows[0][6:] == [f"{found['p_holm']:.3f}", "better"]


def test_a_remark_tells_of_single_images(document: Document) -> None:
    single, seeds = remarks(document)
    test, move = document["pairs"][0]["mcnemar"], document["pairs"][0]["moves"][0]
    assert f"only A right {test['only_first']}, only B right {test['only_second']}, McNemar mid-p" in single
    assert f"moved most: {move['images']} {move['label']} from {move['before']} to {move['after']}" in single
    assert seeds.startswith("A and C: the same guess for ")
    assert "McNemar" not in seeds


def test_what_is_undefined_is_a_dash(document: Document) -> None:
    undefined = {"value": None, "interval": [None, None], "p_value": None, "p_holm": None}
    pair = document["pairs"][0]
    pair = pair | {"differences": pair["differences"] | {"auroc": undefined}}
    rows = [cells(line) for line in text_of(differences_table(document | {"pairs": [pair]}))]
    assert rows[2][4:] == ["–", "undefined", "undefined", "–"]
