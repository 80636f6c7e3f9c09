"""What a run found about its images: predictions, metrics and figures in its folder, tables to read."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lightning_skin.evaluation.figures.confusion import confusion_matrix_figure
from lightning_skin.evaluation.figures.per_class import per_class_figure
from lightning_skin.evaluation.figures.reliability import reliability_figure
from lightning_skin.evaluation.figures.save import save_figure
from lightning_skin.evaluation.metrics import baselines
from lightning_skin.evaluation.predictions import Predictions, write_predictions
from lightning_skin.evaluation.summary import Evaluation, metrics_json, write_json
from lightning_skin.evaluation.tables import headline_table, members_table, per_class_table
from lightning_skin.modes.scoring import DIFFERENCE, Judged, Metrics, member_scores, score, spread
from lightning_skin.modes.unseen import parts_of, title_of

WIDTH_OF_A_FILE = 120

Evaluations = Mapping[str, Evaluation | None]
MemberScores = Mapping[str, Mapping[str, Metrics | None]]


def write_report(
    folder: Path,
    judged: Judged,
    train_counts: Sequence[int],
    seed: int,
    title: str | None = None,
    members: Mapping[str, Judged] | None = None,
) -> None:
    """Write what a run found about its images, and print the test result.

    Writes ``predictions/<split>.csv``, ``metrics.json`` and ``figures/*.png``. Where test images were trained
    on, the metrics without them stand beside those of all, and ``predictions/test.csv`` says which they are.
    Where views were averaged, the plain score, the averaged one and their difference stand side by side; the
    members of an ensemble stand beside it with their mean and standard deviation.

    Args:
        folder: Of the run.
        judged: What is reported.
        train_counts: Images of each class that the network was trained on; zeros where they are not known,
            and the majority is that of the test images.
        seed: Of the bootstrap.
        title: Of what is reported, where that is not one network.
        members: What each network of an ensemble said, by its name.
    """
    parts, members = parts_of(judged.known), members or {}
    _write_predictions(judged, folder / "predictions")
    for number, member in enumerate(members.values(), start=1):
        _write_predictions(member, folder / "predictions", f"_member_{number}")
    evaluations = score(judged, seed)
    scores = {name: member_scores(member, parts) for name, member in members.items()}
    test, evaluation = judged.tables["test"], evaluations["test"]
    assert evaluation is not None  # of all test images, which are never none
    origin = "training" if any(train_counts) else "test"
    counts = train_counts if any(train_counts) else np.bincount(test.labels, minlength=len(test.class_names))
    guesses = baselines(list(counts), test.labels, test.class_names)
    document = metrics_json(evaluations, guesses, _members(scores))
    document["baselines"]["majority_of"] = origin
    write_json(document, folder / "metrics.json")
    _draw(test, evaluation, folder / "figures")
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
    for table in (
        *_headlines(evaluations, parts, guesses, title),
        *_member_tables(scores, evaluations, parts, title),
        per_class_table(evaluation, test.class_names),
    ):
        console.print(table)
    guess = test.class_names[int(np.argmax(counts))]
    console.print(Text(f"Majority guess: {guess}, the commonest class of the {origin} images"))
    console.print(Text("Prior guess: by chance, each class as often as among these"))


def _write_predictions(judged: Judged, folder: Path, suffix: str = "") -> None:
    for split, table in judged.tables.items():
        marks = {"trained_on": judged.known} if split != "val" and judged.known.any() else {}
        marked = replace(table, attributes={**table.attributes, **marks})
        write_predictions(marked, folder / f"{split}{suffix}.csv")


def _members(scores: MemberScores) -> dict[str, Any]:
    if not scores:
        return {}
    both = spread(list(scores.values()))
    return {
        "members": [{"member": name, **metrics} for name, metrics in scores.items()],
        "members_mean": {name: found and found[0] for name, found in both.items()},
        "members_std": {name: found and found[1] for name, found in both.items()},
    }


def _headlines(
    evaluations: Evaluations, parts: Sequence[str], guesses: Mapping[str, Metrics], title: str | None
) -> Iterator[Table]:
    """One table of all parts; where views were averaged, one for each part."""
    if "test_tta" not in evaluations:
        found = {part: evaluations["test" + part] for part in parts}
        titles = {part: title_of(part, one) for part, one in found.items() if one is not None}
        if len(parts) == 1:
            titles = {"": "Value [95 % CI]"}
        columns = {titles[part]: one for part, one in found.items() if one is not None}
        yield _titled(headline_table(columns, guesses), title)
        return
    for part in parts:
        names = ("test", "test_tta", DIFFERENCE)
        plain, averaged, difference = (evaluations[name + part] for name in names)
        if plain is None or averaged is None or difference is None:
            continue
        columns = {"Plain [95 % CI]": plain, "Test-time augmentation": averaged}
        of_part = title_of(part, plain) if len(parts) > 1 else ""
        said = ", ".join(name for name in (title, of_part) if name)
        yield _titled(headline_table(columns, {} if part else guesses, difference), said)


def _member_tables(
    scores: MemberScores, evaluations: Evaluations, parts: Sequence[str], title: str | None
) -> Iterator[Table]:
    if not scores:
        return
    both = spread(list(scores.values()))
    for split in ("test", "test_tta"):
        for part in parts:
            whole, of_all = evaluations.get(split + part), both.get(split + part)
            if whole is None:
                continue
            rows = {name: [found] for name, one in scores.items() if (found := one[split + part])}
            if of_all is not None:
                rows["mean ± deviation"] = list(of_all)
            rows[title or ""] = [whole.metrics]
            kind = " with test-time augmentation" if split == "test_tta" else ""
            yield _titled(members_table(rows), title_of(part, whole) + kind)


def _titled(table: Table, title: str | None) -> Table:
    table.title = Text(title) if title else None
    return table


def _draw(table: Predictions, evaluation: Evaluation, folder: Path) -> None:
    figures = {
        "confusion_matrix": confusion_matrix_figure(table.labels, table.predicted, table.class_names, "test"),
        "per_class": per_class_figure(evaluation.metrics, evaluation.intervals, table.class_names),
        "reliability": reliability_figure(table.labels, table.probabilities, "test"),
    }
    for name, figure in figures.items():
        save_figure(figure, folder / f"{name}.png")
