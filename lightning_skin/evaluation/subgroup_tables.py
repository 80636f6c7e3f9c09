"""Subgroups and the gaps between them as tables for the terminal."""

from collections.abc import Sequence
from math import isnan

from rich.table import Table
from rich.text import Text

from lightning_skin.evaluation.subgroups import Subgroup, SubgroupReport

COLUMNS = {"balanced_accuracy": "Balanced accuracy", "accuracy": "Accuracy", "auroc": "AUROC"}


def subgroup_table(report: SubgroupReport, class_names: Sequence[str]) -> Table:
    """Tabulate the subgroups with their 95 % intervals; those that are too small say so.

    Args:
        report: What to show.
        class_names: The C classes.
    """
    table = Table("Subgroup", title=Text("Subgroups of the test images"))
    for title in ("Images", "Lesions or patients", "Classes", *COLUMNS.values()):
        table.add_column(title, justify="right")
    before = ""
    for subgroup in report.subgroups:
        if before not in ("", subgroup.attribute):
            table.add_section()
        before = subgroup.attribute
        table.add_row(
            Text(f"{subgroup.attribute}: {subgroup.value}"),
            f"{subgroup.n:,}",
            f"{subgroup.groups:,}",
            subgroup.classes_said(len(class_names)).replace(" classes", ""),
            *(_cell(subgroup, metric) for metric in COLUMNS),
        )
    return table


def gap_table(report: SubgroupReport) -> Table:
    """Tabulate the widest gap of each attribute and metric, and whether it is more than chance."""
    table = Table("Widest gap", title=Text("Gaps between subgroups, over the classes that both have"))
    for title in ("Metric", "Difference [95 % CI]", "Classes", "p (Holm)"):
        table.add_column(title, justify="right")
    for gap in report.largest_gaps():
        low, high = gap.interval
        table.add_row(
            Text(f"{gap.attribute}: {gap.higher} above {gap.lower}"),
            COLUMNS[gap.metric],
            Text(f"{gap.difference:.3f} [{low:.3f}, {high:.3f}]"),
            f"{len(gap.classes)}",
            f"{'<0.001' if gap.p_holm < 0.001 else f'{gap.p_holm:.3f}'}{' *' if gap.excludes_zero else ''}",
        )
    return table


def _cell(subgroup: Subgroup, metric: str) -> Text:
    if subgroup.too_small:
        return Text("n too small")
    value, (low, high) = subgroup.metrics[metric], subgroup.intervals[metric]
    return Text("–" if isnan(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]")
