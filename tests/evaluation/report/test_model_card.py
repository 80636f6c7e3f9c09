import re
from dataclasses import replace

import numpy as np

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.clear_derm import clear_derm
from lightning_skin.evaluation.report.facts import Leak, RunFacts
from lightning_skin.evaluation.report.model_card import model_card
from lightning_skin.evaluation.summary import evaluate


def cells(line: str) -> int:
    """Cells of a row of a Markdown table."""
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def tables(text: str) -> list[list[str]]:
    blocks = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def test_every_row_of_a_table_has_as_many_cells(findings: Findings, facts: RunFacts) -> None:
    found = tables(model_card(findings, facts))
    assert len(found) == 12
    for rows in found:
        assert {cells(row) for row in rows} == {cells(rows[0])}, rows[0]
        assert set(rows[1]) <= set("|-: ")


def test_the_card_tells_use_data_figures_and_limits(findings: Findings, facts: RunFacts) -> None:
    card = model_card(findings, facts)
    titles = re.findall(r"^## (.*)$", card, re.MULTILINE)
    assert titles == [
        "Intended use",
        "Model",
        "Data and licences",
        "Metrics",
        "Probabilities",
        "When not to answer",
        "Subgroups",
        "Protocols",
        "Limits",
    ]
    for told in (
        "one of 3 classes: bcc, mel, nv",
        "**To be filled in:** who is to use it",
        "| Network | resnet18 of torchvision |",
        "CC-BY-NC (240 images)",
        "no lesion, patient or copy of an image",
        "| bcc | 60 | 10 | 20 |",
        f"| Balanced accuracy | {findings.evaluation.metrics['balanced_accuracy']:.3f} |",
        "Skin tone is not recorded",
    ):
        assert told in card, told
    assert not re.search(r"\n{4}|[ \t]+$", card, re.MULTILINE)


def test_what_is_not_known_is_said(plain: Findings) -> None:
    card = model_card(plain, RunFacts(name="table.csv"))
    assert "the predictions came without a run" in card
    assert "the source names none. **To be filled in.**" in card
    assert "Shared between splits: not known" in card
    assert "## Subgroups\n\nNot known" in card


def test_names_break_no_table(plain: Findings) -> None:
    test = replace(plain.test, class_names=("a|b\n*c*", "mel_in_situ", "<nv>"))
    card = model_card(Findings(test=test, evaluation=evaluate(test, seed=0)), RunFacts(name="r"))
    assert r"| a\|b \*c\* |" in card
    assert "| mel_in_situ |" in card
    assert r"\<nv\>" in card


def test_the_checklist_ticks_what_the_run_answers(findings: Findings, facts: RunFacts) -> None:
    text = clear_derm(findings, facts)
    ticked, open_ones = (
        re.findall(rf"^- \[{mark}\] \*\*(.*?)\.\*\*", text, re.MULTILINE) for mark in ("x", " ")
    )
    assert f"The run answers {len(ticked)} of {len(ticked) + len(open_ones)} items." in text
    assert {"Overlap of training and test", "Thresholds", "Subgroups", "Calibration"} <= set(ticked)
    assert {"Labels", "Skin tone", "Prospective test", "Use"} <= set(open_ones)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "Data",
        "Technique",
        "Technical assessment",
        "Application",
    ]


def test_answers_follow_the_run(plain: Findings, findings: Findings, facts: RunFacts) -> None:
    assert "- [ ] **Overlap of training and test.** Open." in clear_derm(plain, RunFacts(name="r"))
    leaking = replace(facts, leaks=[Leak("train and test", "mel", 1, 2, 0)])
    assert "- [x] **Overlap of training and test.** splits share lesions" in clear_derm(findings, leaking)
    tone = {**findings.test.attributes, "skin_tone": np.array(["III"] * 100 + [""] * 140)}
    toned = replace(findings, test=replace(findings.test, attributes=tone))
    assert "- [x] **Skin tone.** Column skin_tone, known of 100 test images." in clear_derm(toned, facts)
