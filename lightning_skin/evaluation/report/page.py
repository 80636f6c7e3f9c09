"""A run as one page for people: the verdict, tables, drawings, mistakes, data, recipe and limits."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lightning_skin.errors import InputError
from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.metrics import confusion_matrix
from lightning_skin.evaluation.pairs import most_confused_pairs
from lightning_skin.evaluation.report.class_cards import class_cards
from lightning_skin.evaluation.report.facts import RunFacts, recipe, shared_classes, splits_of
from lightning_skin.evaluation.report.limits import limits
from lightning_skin.evaluation.report.mistakes import listed_mistakes
from lightning_skin.evaluation.report.numbers import (
    PER_CLASS,
    baseline_titles,
    class_metrics,
    class_rows,
    overall_rows,
)
from lightning_skin.evaluation.report.plots import curve_plots, history_plots
from lightning_skin.evaluation.report.sections import Section, further_sections, threshold_tables
from lightning_skin.evaluation.report.thresholds import threshold_views
from lightning_skin.evaluation.report.verdict import amount_of_images, verdict
from lightning_skin.evaluation.threshold_sweep import STEPS
from lightning_skin.page import data_uri, inline_script, render_page

Draw = Callable[[str], bytes]

PAIRS, EXAMPLES = 6, 4
BYTES_OF_PICTURES, BYTES_OF_PANELS = 2_500_000, 1_500_000
"""Of the addresses of all thumbnails and of all panels, so that a page stays below 5 MB."""

RATES = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
}
MISTAKE_COLUMNS = {
    "image": "Image",
    "label": "True class",
    "predicted": "Guess",
    "confidence": "Probability of the guess",
    "probability": "Of the true class",
}


def report_page(findings: Findings, facts: RunFacts, thumbnail: Draw, panel: Draw | None = None) -> str:
    """Draw what was found about a run as one self-contained HTML page.

    Args:
        findings: What was found.
        facts: About the run.
        thumbnail: Returns the JPEG of an image, given its name in the predictions table. Called in several
            threads, once an image; where it raises `InputError` the page says that the image is not shown.
        panel: Returns the JPEG of an image's explanation, or raises `InputError` where there is none;
            ``None`` where there are none at all.

    Returns:
        The page. Pictures for which there is no room are said not to be shown.
    """
    test, evaluation = findings.test, findings.evaluation
    mistakes, pairs = listed_mistakes(test), most_confused_pairs(test, PAIRS)
    examples = [[_example(findings, row) for row in pair.rows[:EXAMPLES]] for pair in pairs]
    listed = [mistake.image for mistake in mistakes]
    images = [*(image for pair in examples for image, _ in pair), *listed]
    views = threshold_views(findings, facts.seed)
    sections = further_sections(findings)
    history = history_plots(facts.history)
    return render_page(
        "evaluation/report/page.html.j2",
        script=inline_script("evaluation/report/page.js"),
        facts=facts,
        contents=list(_contents(bool(views), sections, bool(history))),
        verdict=verdict(findings),
        amount_of_images=amount_of_images(findings),
        class_names=test.class_names,
        overall=overall_rows(evaluation, findings.baselines),
        baselines=baseline_titles(findings.baselines),
        balanced_accuracy=evaluation.metrics["balanced_accuracy"],
        class_metrics=[PER_CLASS[name] for name in class_metrics(evaluation, test.class_names)],
        class_rows=class_rows(evaluation, test.class_names),
        cards=class_cards(findings),
        confusion=_confusion(findings),
        plots=curve_plots(findings),
        views=views,
        steps=STEPS,
        rates=RATES,
        threshold_tables=threshold_tables(findings),
        sections=sections,
        pairs=pairs,
        examples=examples,
        mistakes=mistakes,
        mistake_columns=MISTAKE_COLUMNS,
        wrong=int((test.predicted != test.labels).sum()),
        thumbnails=_addresses(images, thumbnail, BYTES_OF_PICTURES),
        panels={} if panel is None else _addresses(listed, panel, BYTES_OF_PANELS),
        history=history,
        splits=splits_of(facts),
        shared=shared_classes(facts),
        recipe=recipe(facts),
        limits=limits(findings, facts),
    )


def _contents(views: bool, sections: Sequence[Section], history: bool) -> Iterator[tuple[str, str]]:
    yield from {"figures": "Figures", "classes": "Classes", "curves": "Curves"}.items()
    if views:
        yield "thresholds", "Thresholds"
    yield from ((section.key, section.title) for section in sections)
    yield "mistakes", "Mistakes"
    if history:
        yield "training", "Training"
    yield from {"data": "Data", "recipe": "Recipe", "limits": "Limits"}.items()


def _example(findings: Findings, row: int) -> tuple[str, float]:
    """Name of an image and the probability of its guess."""
    return str(findings.test.images[row]), float(findings.test.probabilities[row].max())


def _confusion(findings: Findings) -> list[list[tuple[int, float]]]:
    """Images and their share of the true class, by true class (row) and guess (column)."""
    test = findings.test
    counts = confusion_matrix(test.labels, test.predicted, len(test.class_names))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [
        [(int(count), float(share)) for count, share in zip(*row, strict=True)]
        for row in zip(counts, shares, strict=True)
    ]


def _addresses(images: Iterable[str], draw: Draw, room: int) -> Mapping[str, str]:
    """Addresses of drawings, as far as there is room; empty for an image that cannot be shown."""

    def address(image: str) -> str:
        try:
            return data_uri(draw(image), "image/jpeg")
        except InputError:
            return ""

    names = list(dict.fromkeys(images))
    shown: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:
        for name, found in zip(names, pool.map(address, names), strict=True):
            room -= len(found)
            shown[name] = found if room >= 0 else ""
    return shown
