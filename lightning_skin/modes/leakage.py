"""What the splits of a run share: on the console and in the run folder."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lightning_skin.atomic import atomic_path
from lightning_skin.data.leakage import ANY_TWO, leak_table, leaking_groups
from lightning_skin.data.manifest import Manifest
from lightning_skin.data.split import SPLITS

TITLES = {"groups": "shared groups", "images": "their images"}


def report_split(manifest: Manifest, folder: Path, allowed: bool = True) -> None:
    """Print the images of each class in each split and what splits share; write ``leakage.csv``.

    Args:
        manifest: Of the run.
        folder: Of the run.
        allowed: Whether splits may share anything.
    """
    leaks = leak_table(manifest)
    with atomic_path(folder / "leakage.csv") as path:
        leaks.to_csv(path, index=False, lineterminator="\n")
    counts = manifest.table.groupby(["label", "split"]).size().unstack(fill_value=0)
    shared = leaks[leaks["splits"] == ANY_TWO].set_index("label").drop(columns="splits")
    rows = counts.reindex(columns=list(SPLITS), fill_value=0).join(shared)
    totals = rows.sum()
    # A group of several classes stands in the row of each of them.
    totals["groups"] = len(leaking_groups(manifest))
    table = Table("Class", show_footer=True, title_style="bold red")
    table.columns[0].footer = "all"
    for name in map(str, rows):
        table.add_column(TITLES.get(name, name), str(totals[name]), justify="right")
    for label, numbers in rows.iterrows():
        table.add_row(Text(str(label)), *(str(number) for number in numbers))
    if totals["groups"]:
        accepted = ", and data.allow_leakage=true accepts it: scores are inflated" if allowed else ""
        table.title = f"The splits leak{accepted}"
    Console().print(table)
