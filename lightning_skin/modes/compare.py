"""mode=compare: which of several runs is better on the same test images, and whether that is chance."""

import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from lightning.pytorch.utilities import rank_zero_only
from rich.console import Console
from rich.text import Text

from lightning_skin import __version__
from lightning_skin.atomic import atomic_path
from lightning_skin.errors import InputError
from lightning_skin.evaluation.comparison.compare import compare_contenders
from lightning_skin.evaluation.comparison.contender import Contender, pool_runs
from lightning_skin.evaluation.comparison.document import COLUMNS, comparison_document, comparison_rows
from lightning_skin.evaluation.comparison.page import comparison_page
from lightning_skin.evaluation.comparison.result import Comparison
from lightning_skin.evaluation.comparison.tables import contenders_table, differences_table, remarks
from lightning_skin.evaluation.comparison.verdict import verdicts
from lightning_skin.evaluation.predictions import read_predictions
from lightning_skin.evaluation.summary import write_json
from lightning_skin.modes.comparison_figures import draw_comparison
from lightning_skin.modes.entrants import Entrant, Named, find_entrants
from lightning_skin.modes.recorded import require_same_content
from lightning_skin.modes.report import WIDTH_OF_A_FILE
from lightning_skin.modes.run_folder import Run

logger = logging.getLogger(__name__)


def compare(
    run: Run,
    runs: Named | None,
    split: Literal["test", "val"],
    pairs: Literal["first", "all"],
    pool: bool,
    malignant: Sequence[str] | None,
    seed: int,
) -> None:
    """Write ``comparison.json``, ``comparison.csv``, ``comparison.html`` and figures, and print the result.

    Args:
        run: Where to write.
        runs: What to compare, in the form of ``find_entrants``.
        split: Which images runs are compared on.
        pairs: Each with the first, or all with each other.
        pool: Whether runs that differ in seed or fold only are one entry.
        malignant: Classes that are also judged together, by their AUROC; ``None`` takes those that count as
            malignant to the runs.
        seed: Of the bootstrap.

    Raises:
        InputError: A run or table cannot be used, or they are of different images: nothing is written.
    """
    if rank_zero_only.rank:  # type: ignore[attr-defined]
        # It takes one process; further ones would write the same.
        return
    run.claim()
    entrants = find_entrants(runs, split, pool)
    contenders = [_contender(entrant) for entrant in entrants]
    require_same_content([one.name for one in entrants], [one.files for one in entrants])
    class_names = contenders[0].tables[0].class_names
    together = _known_malignant(entrants, class_names) if malignant is None else malignant
    if unknown := set(together) - set(class_names):
        raise InputError(
            f"compare.malignant names {', '.join(sorted(unknown))}, "
            f"but the classes are {', '.join(class_names)}"
        )
    comparison = compare_contenders(contenders, pairs, malignant=together, seed=seed)
    _warn(comparison)
    details = [{"paths": [str(file) for file in one.files], "differs": one.differs} for one in entrants]
    facts = {
        "created": datetime.now().astimezone().isoformat(timespec="seconds"),
        "version": __version__,
        "split": split,
        "malignant": list(together),
        "seed": seed,
    }
    document = comparison_document(comparison, details, facts)
    run.start(mode="compare", runs=[one["paths"] for one in details])
    _write(run.folder, document)
    draw_comparison(comparison, run.folder / "figures")
    run.finish(images=document["images"])
    _print(document, run.folder)


def _contender(entrant: Entrant) -> Contender:
    return pool_runs(entrant.name, {str(file): read_predictions(file) for file in entrant.files})


def _known_malignant(entrants: Sequence[Entrant], class_names: Sequence[str]) -> Sequence[str]:
    known = {tuple(sorted(one.malignant)) for one in entrants if one.malignant}
    known = {names for names in known if set(names) < set(class_names)}
    if len(known) > 1:
        logger.warning("The runs count different classes as malignant; name them with compare.malignant")
    return known.pop() if len(known) == 1 else ()


def _warn(comparison: Comparison) -> None:
    if comparison.left_out:
        logger.warning(
            "%d of the images are left out: a network was trained on them, or on others of their lesion or "
            "patient (trained_on in predictions/test.csv)",
            comparison.left_out,
        )
    if not comparison.pairs:
        one = comparison.standings[0].contender
        advice = "; compare.pool=false compares these with each other" if one.pooling == "seeds" else ""
        logger.warning("There is one entry only, %s, and nothing to compare it with%s", one.name, advice)


def _write(folder: Path, document: dict[str, Any]) -> None:
    write_json(document, folder / "comparison.json")
    with atomic_path(folder / "comparison.csv") as path:
        pd.DataFrame(comparison_rows(document), columns=COLUMNS).to_csv(path, index=False)
    with atomic_path(folder / "comparison.html") as path:
        path.write_text(comparison_page(document), encoding="utf-8")


def _print(document: dict[str, Any], folder: Path) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
    console.print(contenders_table(document))
    if document["pairs"]:
        console.print(differences_table(document))
    lines: Sequence[str] = [*remarks(document), *verdicts(document), f"report: {folder / 'comparison.html'}"]
    for line in lines:
        console.print(Text(line), soft_wrap=True)
