"""A checklist of what reports on algorithms in dermatology should say, answered as far as a run can."""

from collections.abc import Iterator
from typing import NamedTuple

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.pairs import most_confused_pairs
from lightning_skin.evaluation.report.facts import RunFacts, recipe, shared_classes, splits_of
from lightning_skin.evaluation.report.limits import SKIN_TONE
from lightning_skin.evaluation.report.numbers import cell, interval, number, percent
from lightning_skin.evaluation.report.tables import shared
from lightning_skin.evaluation.report.verdict import amount_of_images
from lightning_skin.page import render_text


class Item(NamedTuple):
    """One thing to be said.

    Attributes:
        topic: What it is about.
        answer: What the run knows; empty where it is open.
        open: What a person still has to say; empty where nothing is left.
    """

    topic: str
    answer: str
    open: str = ""


def clear_derm(findings: Findings, facts: RunFacts) -> str:
    """Fill in the checklist in Markdown.

    Its four parts are those of CLEAR Derm (Daneshjou et al., JAMA Dermatology 158(1):90-96, 2022); the
    items are what these parts ask for in words of this project, not the published list itself.

    Args:
        findings: What was found about the classifier of a run.
        facts: About the run.
    """
    parts = {
        "Data": list(_data(findings, facts)),
        "Technique": list(_technique(facts)),
        "Technical assessment": list(_assessment(findings)),
        "Application": list(_application(findings)),
    }
    items = [item for part in parts.values() for item in part]
    answered = sum(bool(item.answer) for item in items)
    return render_text(
        "evaluation/report/clear_derm.md.j2", facts=facts, parts=parts, answered=answered, total=len(items)
    )


def _data(findings: Findings, facts: RunFacts) -> Iterator[Item]:
    test = findings.test
    yield Item(
        "Kind of images", "", "dermoscopic or clinical, cameras, lighting, professional or lay photographer"
    )
    yield Item("Artefacts", "", "hair, rulers, ink, frames, and whether such images were left out")
    yield Item("Preparation of images", _pick(facts, "Images", "Colours", "Border", "Augmentation"))
    yield Item("Source and licence", _licences(facts), "name, version and address of the data set")
    known = {name: int((values != "").sum()) for name, values in test.attributes.items()}
    told = ", ".join(f"{name} of {count:,} of {len(test.labels):,}" for name, count in known.items() if count)
    yield Item(
        "What is known of patients",
        f"Of the test images: {told}" if told else "",
        "ethnicity, and how it was found out",
    )
    tone = next((name for name in SKIN_TONE if known.get(name)), None)
    yield Item(
        "Skin tone",
        f"Column {tone}, known of {known[tone]:,} test images" if tone else "",
        "how it was measured, and its spread",
    )
    yield Item(
        "Labels", "", "histopathology, follow-up, consensus or one reader, for which share of each class"
    )
    counts = [
        f"{label} {', '.join(f'{split} {row.get(split, 0):,}' for split in splits_of(facts))}"
        for label, row in facts.counts.items()
    ]
    yield Item("Classes and splits", "; ".join(counts), "criteria for inclusion and exclusion")
    yield Item("Several images of a lesion or patient", amount_of_images(findings))
    overlap = "no lesion, patient or copy of an image is in two splits" if facts.leaks else ""
    if shared_classes(facts):
        overlap = "splits share lesions, patients or images: the scores are too good"
    yield Item("Overlap of training and test", overlap)
    yield Item("External test", "", "figures on images of another clinic: mode=test on other data")
    yield Item("Bias of the collection", "", "who is in the data and who is not, and why")


def _technique(facts: RunFacts) -> Iterator[Item]:
    yield Item("Algorithm", _pick(facts, "Network", "Weights", "Loss", "Optimizer", "Schedule", "Epochs"))
    yield Item("Choice of the checkpoint", f"Best {facts.monitor}" if facts.monitor else "")
    yield Item("Repeatability", _repeat(facts), "several seeds: -m seed=0,1,2")
    yield Item("Code and weights", facts.commit, "whether they are public, and where")


def _assessment(findings: Findings) -> Iterator[Item]:
    evaluation = findings.evaluation
    balanced = cell(evaluation, "balanced_accuracy").told
    yield Item(
        "Metrics and uncertainty",
        f"Balanced accuracy {balanced}; all others with 95 % intervals in metrics.json",
    )
    recalls = [f"{name} {cell(evaluation, f'recall_{name}').told}" for name in findings.test.class_names]
    yield Item("Each class", f"Recall: {', '.join(recalls)}")
    points = [
        f"{point.title}: threshold {number(point.threshold)}, sensitivity {shared(point.test.sensitivity)}, "
        f"specificity {shared(point.test.specificity)}"
        for point in findings.operating_points
    ]
    yield Item("Thresholds", "; ".join(points), "" if points else "a threshold chosen on validation images")
    told = f"Calibration error {cell(evaluation, 'ece').told}"
    if findings.calibration is not None:
        told += f", {cell(findings.calibration.after, 'ece').told} after scaling"
    yield Item("Calibration", told)
    yield Item("Subgroups", _subgroups(findings), "skin tone")
    baselines = [
        f"{name} guess {number(values['balanced_accuracy'])}" for name, values in findings.baselines.items()
    ]
    protocols = [
        f"{name} {metric} {number(value)}"
        for name, scores in findings.protocols.items()
        for metric, value in scores.items()
    ]
    yield Item(
        "Comparison",
        ", ".join([*baselines, *protocols]),
        "with readers, and with other algorithms on the same images",
    )
    detected = [
        f"{name} AUROC {number(one.auroc)} [{interval(one.intervals['auroc'])}]"
        for name, one in findings.out_of_distribution.items()
    ]
    yield Item("Images of no known class", ", ".join(detected), "" if detected else "a test with such images")


def _application(findings: Findings) -> Iterator[Item]:
    yield Item("Use", "", "who uses it, when, and what follows from a guess")
    yield Item("Conditions", f"Tells apart {', '.join(findings.test.class_names)}; nothing else")
    failures = [
        f"{pair.label} taken for {pair.predicted} ({pair.count:,}, {percent(pair.share)})"
        for pair in most_confused_pairs(findings.test, 3)
    ]
    yield Item("Failures", f"Most often {', '.join(failures)}" if failures else "none among the test images")
    yield Item(
        "People and machine", "", "a study of how its guesses and explanations change what readers decide"
    )
    yield Item("Prospective test", "", "in the setting in which it is to be used")
    yield Item("Fairness, privacy, regulation", "", "consent, approval, and who answers for it")


def _pick(facts: RunFacts, *titles: str) -> str:
    return "; ".join(f"{title.lower()}: {facts.recipe[title]}" for title in titles if facts.recipe.get(title))


def _repeat(facts: RunFacts) -> str:
    wanted = ("Seed", "Started", "Took", "Device")
    return "; ".join(f"{title.lower()}: {value}" for title, value in recipe(facts) if title in wanted)


def _licences(facts: RunFacts) -> str:
    return ", ".join(f"{name}: {count:,} images" for name, count in facts.licences.items())


def _subgroups(findings: Findings) -> str:
    if findings.subgroups is None:
        return ""
    told = []
    for group in findings.subgroups.subgroups:
        value = "n too small" if group.too_small else number(group.metrics["balanced_accuracy"])
        told.append(f"{group.attribute} {group.value}: {value} (n={group.n:,})")
    return f"Balanced accuracy by {'; '.join(told)}" if told else ""
