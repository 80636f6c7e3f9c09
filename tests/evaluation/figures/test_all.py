from matplotlib.backends.backend_agg import FigureCanvasAgg

from lightning_skin.evaluation.figures.all import all_figures
from lightning_skin.evaluation.findings import Findings

ALWAYS = {"confusion_matrix", "per_class", "roc", "precision_recall", "reliability"}


def test_what_was_found_is_drawn(findings: Findings) -> None:
    figures = all_figures(findings)
    assert set(figures) == ALWAYS | {"risk_coverage", "conformal", "operating_points", "subgroups"}
    for figure in figures.values():
        FigureCanvasAgg(figure).draw()


def test_what_was_not_looked_at_is_not_drawn(plain: Findings) -> None:
    assert set(all_figures(plain)) == ALWAYS


def test_reliability_shows_the_scaled_probabilities_beside_the_plain_ones(
    plain: Findings, findings: Findings
) -> None:
    assert len(all_figures(plain)["reliability"].axes) == 2
    assert len(all_figures(findings)["reliability"].axes) == 4
