"""A run as a model card: what the classifier is for, how good it is and for whom, and what is not known."""

from lightning_skin.evaluation.findings import Findings
from lightning_skin.evaluation.report.facts import RunFacts, recipe, shared_classes, splits_of
from lightning_skin.evaluation.report.limits import limits
from lightning_skin.evaluation.report.numbers import (
    EN_DASH,
    PER_CLASS,
    baseline_titles,
    class_metrics,
    class_rows,
    overall_rows,
)
from lightning_skin.evaluation.report.sections import further_sections, threshold_tables
from lightning_skin.evaluation.report.verdict import amount_of_images, verdict
from lightning_skin.page import render_text


def model_card(findings: Findings, facts: RunFacts) -> str:
    """Describe the classifier of a run in Markdown (Mitchell et al., FAccT 2019).

    What only people can say, such as who may use it, stands there as a question.

    Args:
        findings: What was found about it.
        facts: About the run.
    """
    test, evaluation = findings.test, findings.evaluation
    splits = splits_of(facts)
    return render_text(
        "evaluation/report/model_card.md.j2",
        facts=facts,
        verdict=verdict(findings),
        amount_of_images=amount_of_images(findings),
        class_names=test.class_names,
        overall_cells=[
            [row.metric.title, row.value, row.interval or EN_DASH, *row.baselines]
            for row in overall_rows(evaluation, findings.baselines)
        ],
        baselines=baseline_titles(findings.baselines),
        class_metrics=[PER_CLASS[name] for name in class_metrics(evaluation, test.class_names)],
        class_cells=[
            [row.name, f"{row.images:,}", *(cell.told for cell in row.cells)]
            for row in class_rows(evaluation, test.class_names)
        ],
        count_rows=[
            [label, *(f"{counts.get(split, 0):,}" for split in splits)]
            for label, counts in facts.counts.items()
        ],
        has_subgroups=findings.subgroups is not None and bool(findings.subgroups.subgroups),
        threshold_tables=threshold_tables(findings),
        sections=further_sections(findings),
        splits=splits,
        shared=shared_classes(facts),
        recipe=recipe(facts),
        limits=limits(findings, facts),
    )
