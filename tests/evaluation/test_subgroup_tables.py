from io import StringIO
from math import nan

from rich.console import Console
from rich.table import Table

from lightning_skin.evaluation.gaps import Gap
from lightning_skin.evaluation.subgroup_tables import gap_table, subgroup_table
from lightning_skin.evaluation.subgroups import Subgroup, SubgroupReport

CLASSES = ("mel", "nv", "df")
METRICS = {"balanced_accuracy": 0.7, "accuracy": 0.8, "auroc": nan}
INTERVALS = {"balanced_accuracy": (0.6, 0.75), "accuracy": (0.7, 0.9), "auroc": (nan, nan)}
GAP = Gap(
    "sex", "balanced_accuracy", "male", "fem[a]le", ("mel", "nv"), 0.12, (0.01, 0.2), 0.0002, 0.0004, True
)
REPORT = SubgroupReport(
    min_images=30,
    subgroups=(
        Subgroup("sex", "male", 1200, 900, False, ("df",), (), METRICS, INTERVALS),
        Subgroup("sex", "fem[a]le", 7, 6, True, (), ("mel",), {}, {}),
    ),
    gaps=(GAP, Gap("sex", "auroc", "male", "fem[a]le", CLASSES, 0.05, (-0.1, 0.2), 0.3, 0.6, False)),
)


def lines(table: Table) -> list[list[str]]:
    console = Console(file=StringIO(), width=160, record=True)
    console.print(table)
    rows = [line for line in console.export_text().splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in rows]


def test_rows_have_figures_with_intervals_or_say_that_there_are_too_few_images() -> None:
    assert lines(subgroup_table(REPORT, CLASSES)) == [
        ["sex: male", "1,200", "900", "2 of 3", "0.700 [0.600, 0.750]", "0.800 [0.700, 0.900]", "–"],
        ["sex: fem[a]le", "7", "6", "3 of 3, 1 scarce", "n too small", "n too small", "n too small"],
    ]


def test_gaps_say_what_is_above_what_and_whether_it_is_more_than_chance() -> None:
    assert lines(gap_table(REPORT)) == [
        ["sex: male above fem[a]le", "Balanced accuracy", "0.120 [0.010, 0.200]", "2", "<0.001 *"],
        ["sex: male above fem[a]le", "AUROC", "0.050 [-0.100, 0.200]", "3", "0.600"],
    ]
