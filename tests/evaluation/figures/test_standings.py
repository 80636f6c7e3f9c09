import numpy as np

from lightning_skin.evaluation.figures.standings import Row, standings_figure


def test_each_classifier_has_its_interval_and_its_runs() -> None:
    rows = [Row("A weak", 0.4, (0.3, 0.5), []), Row("B strong", 0.8, (0.7, 0.9), [0.75, 0.85])]
    axes = standings_figure(rows, "Balanced accuracy").axes[0]
    points, runs = axes.lines
    np.testing.assert_array_equal(points.get_xydata(), [[0.4, 0], [0.8, 1]])
    np.testing.assert_array_equal(runs.get_xydata(), [[0.75, 1.25], [0.85, 1.25]])
    np.testing.assert_array_equal(axes.collections[0].get_segments()[1], [[0.7, 1], [0.9, 1]])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A weak", "B strong"]
    assert axes.yaxis_inverted()
