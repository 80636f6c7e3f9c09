"""Tables of subgroups."""

import numpy as np

from lightning_skin.evaluation.gaps import Gap
from lightning_skin.evaluation.report.numbers import OVERALL
from lightning_skin.evaluation.report.tables import Span, TextTable, valued
from lightning_skin.evaluation.subgroups import SubgroupReport


def subgroup_tables(report: SubgroupReport, whole: float) -> list[TextTable]:
    """Balanced accuracy of each subgroup, a table for each attribute.

    Args:
        report: At least one subgroup.
        whole: Balanced accuracy of all images.
    """
    tables: list[TextTable] = []
    for attribute in dict.fromkeys(group.attribute for group in report.subgroups):
        groups = [group for group in report.subgroups if group.attribute == attribute]
        rows: list[list[str]] = []
        spans: list[Span | None] = []
        for group in groups:
            missing = ", ".join([*group.absent, *(f"{name} (few)" for name in group.scarce)])
            if group.too_small:
                rows.append([group.value, f"{group.n:,}", f"{group.groups:,}", "n too small", "", ""])
                spans.append(None)
                continue
            value, ends = group.metrics["balanced_accuracy"], group.intervals["balanced_accuracy"]
            auroc = valued(group.metrics["auroc"], group.intervals["auroc"])
            rows.append(
                [group.value, f"{group.n:,}", f"{group.groups:,}", valued(value, ends), auroc, missing]
            )
            spans.append(None if np.isnan([*ends, value]).any() else (ends[0], value, ends[1]))
        gaps = [gap for gap in report.largest_gaps() if gap.attribute == attribute]
        said = [_gap(gap) for gap in gaps]
        tables.append(
            TextTable(
                f"subgroups-{len(tables)}",
                attribute.replace("_", " ").capitalize(),
                ["Value", "Images", "Groups", "Balanced accuracy", "AUROC", "Classes absent or few"],
                rows,
                note=" ".join(said),
                spans=spans,
                span_title="0 to 1",
                whole=whole,
            )
        )
    return tables


def _gap(gap: Gap) -> str:
    """A difference between two subgroups as a sentence."""
    chance = "more than chance" if gap.excludes_zero else "which may be chance"
    p_value = "< 0.001" if gap.p_holm < 0.001 else f"{gap.p_holm:.3f}"
    return (
        f"{OVERALL[gap.metric].title} over {', '.join(gap.classes)}: {gap.higher} above {gap.lower} by "
        f"{valued(gap.difference, gap.interval)}, {chance} (p {p_value}, Holm-corrected)."
    )
