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

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.metrics import baselines
from lightning_skin.evaluation.predictions import write_predictions
from lightning_skin.evaluation.settings import EvaluationSettings
from lightning_skin.evaluation.summary import Evaluation, metrics_json, write_json
from lightning_skin.evaluation.tables import (
    calibration_table,
    headline_table,
    malignancy_table,
    members_table,
    per_class_table,
)
from lightning_skin.modes.findings import find_out, findings_json
from lightning_skin.modes.pages import write_pages
from lightning_skin.modes.run_facts import run_facts
from lightning_skin.modes.scoring import (
    AVERAGED,
    MINUS_TEST,
    Judged,
    Metrics,
    member_scores,
    score,
    spread,
)
from lightning_skin.modes.unseen import parts_of, title_of

WIDTH_OF_A_FILE = 120

Evaluations = Mapping[str, Evaluation | None]
MemberScores = Mapping[str, Mapping[str, Metrics | None]]


def write_report(
    folder: Path,
    judged: Judged,
    train_counts: Sequence[int],
    malignant: Sequence[str],
    settings: EvaluationSettings,
    seed: int,
    title: str | None = None,
    members: Mapping[str, Judged] | None = None,
    *,
    trained: Path | None,
    seconds: float,
) -> None:
    """Write what a run found about its images, and print the test result.

    Writes ``predictions/<split>.csv``, ``metrics.json``, ``figures/``, ``report.html``, ``model_card.md`` and
    ``clear_derm.md``. Where test images were trained
    on, the metrics without them stand beside those of all, and ``predictions/test.csv`` says which they are.
    Where views were averaged, the plain score, the averaged one and their difference stand side by side, and
    likewise calibrated predictions; the members of an ensemble stand beside it with their mean and standard
    deviation.

    Args:
        folder: Of the run.
        judged: What is reported.
        train_counts: Images of each class that the network was trained on; zeros where they are not known,
            and the majority is that of the test images.
        malignant: Classes that count as malignant; none where that is not known.
        settings: What is made of the predictions.
        seed: Of the bootstrap.
        title: Of what is reported, where that is not one network.
        members: What each network of an ensemble said, by its name.
        trained: Folder of the run that trained the network; ``None`` where it is ``folder``, or not known.
        seconds: How long the run took so far.
    """
    parts, members = parts_of(judged.known), members or {}
    _write_predictions(judged, folder / "predictions")
    for number, member in enumerate(members.values(), start=1):
        _write_predictions(member, folder / "predictions", f"_member_{number}")
    evaluations = score(judged, seed)
    scores = {name: member_scores(member, parts) for name, member in members.items()}
    test = judged.tables["test"]
    origin = "training" if any(train_counts) else "test"
    counts = train_counts if any(train_counts) else np.bincount(test.labels, minlength=len(test.class_names))
    guesses = baselines(list(counts), test.labels, test.class_names)
    findings = find_out(judged, evaluations, guesses, malignant, settings, seed, folder)
    scaling = {} if judged.scaling is None else {"calibration": judged.scaling.to_dict()}
    document = metrics_json(evaluations, guesses, {**scaling, **findings_json(findings), **_members(scores)})
    document["baselines"]["majority_of"] = origin
    write_json(document, folder / "metrics.json")
    facts = run_facts(folder, trained=trained, seconds=seconds, trained_on=int((judged.known != "").sum()))
    write_pages(folder, findings, facts, settings.figures, trained)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)
    for table in (
        *_headlines(evaluations, parts, guesses, title),
        *_member_tables(scores, evaluations, parts, title),
        *([] if findings.calibration is None else [calibration_table(findings.calibration)]),
        *_malignancy(findings),
        per_class_table(findings.evaluation, test.class_names),
    ):
        console.print(table)
    guess = test.class_names[int(np.argmax(counts))]
    console.print(Text(f"Majority guess: {guess}, the commonest class of the {origin} images"))
    console.print(Text("Prior guess: by chance, each class as often as among these"))
    console.print(Text(f"report: {folder / 'report.html'}"), soft_wrap=True)


def _malignancy(findings: Findings) -> Iterator[Table]:
    views = {"Malignant against benign": findings.malignancy, "Melanoma": findings.melanoma}
    known = {name: view for name, view in views.items() if view is not None}
    if known:
        yield malignancy_table(known)


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
    if AVERAGED not in evaluations:
        found = {part: evaluations["test" + part] for part in parts}
        titles = {part: title_of(part, one) for part, one in found.items() if one is not None}
        if len(parts) == 1:
            titles = {"": "Value [95 % CI]"}
        columns = {titles[part]: one for part, one in found.items() if one is not None}
        yield _titled(headline_table(columns, guesses), title)
        return
    for part in parts:
        names = ("test", AVERAGED, AVERAGED + MINUS_TEST)
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
    for split in ("test", AVERAGED):
        for part in parts:
            whole, of_all = evaluations.get(split + part), both.get(split + part)
            if whole is None:
                continue
            rows = {name: [found] for name, one in scores.items() if (found := one[split + part])}
            if of_all is not None:
                rows["mean ± deviation"] = list(of_all)
            rows[title or ""] = [whole.metrics]
            kind = " with test-time augmentation" if split == AVERAGED else ""
            yield _titled(members_table(rows), title_of(part, whole) + kind)


def _titled(table: Table, title: str | None) -> Table:
    table.title = Text(title) if title else None
    return table
