import numpy as np

from lightning_skin.evaluation.figures.risk_coverage import risk_coverage_figure
from lightning_skin.evaluation.selective import RiskCoverage


def test_curve_stands_between_the_best_order_and_none() -> None:
    coverages = np.arange(1, 11) / 10
    risks = np.array([0, 0, 0, 0, 0, 0, 1 / 7, 1 / 8, 2 / 9, 3 / 10])
    found = RiskCoverage(
        coverages=coverages,
        risks=risks,
        aurc=float(risks.mean()),
        excess_aurc=0.01,
        accuracy_at={0.8: 7 / 8, 0.9: 7 / 9},
        answered={},
        intervals={"aurc": (0.04, 0.125)},
        band=np.array([[0.5, 0.0, 0.1], [1.0, 0.1, 0.5]]),
    )
    figure = risk_coverage_figure(found, "Test")
    (axes,) = figure.axes
    lines = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(lines["classifier"].get_xydata(), np.column_stack([coverages, risks]))
    np.testing.assert_array_equal(lines["confidence tells nothing"].get_ydata(), [0.3, 0.3])
    best = [0, 0, 0, 0, 0, 0, 0, 1 / 8, 2 / 9, 3 / 10]
    np.testing.assert_allclose(lines["best order"].get_ydata(), best, atol=1e-12)
    assert axes.get_ylim()[1] > 0.5
    assert lines["accuracy 0.875 at 80%"].get_xydata().tolist() == [[0.8, 1 - 7 / 8]]
    assert lines["accuracy 0.778 at 90%"].get_xydata().tolist() == [[0.9, 1 - 7 / 9]]
    assert figure.get_suptitle() == "Test: area 0.079 [0.040, 0.125]"
