import numpy as np

from lightning_skin.evaluation.figures.per_class import per_class_figure

NAN = float("nan")


def test_points_intervals_and_counts_stand_in_the_row_of_their_class() -> None:
    metrics = {"recall_nv": 0.9, "recall_mel": 0.4, "recall_df": NAN, "balanced_accuracy": 0.65}
    counts = {"count_nv": 70.0, "count_mel": 10.0, "count_df": 0.0}
    intervals = {"recall_nv": (0.8, 1.0), "recall_mel": (0.1, 0.7), "recall_df": (NAN, NAN)}
    axes = per_class_figure(metrics | counts, intervals, ["nv", "mel", "df"]).axes[0]
    mean, points = axes.lines
    np.testing.assert_array_equal(points.get_xydata(), [[0.9, 0], [0.4, 1], [NAN, 2]])
    segments = axes.collections[0].get_segments()
    np.testing.assert_array_equal(segments[1], [[0.1, 1], [0.7, 1]])
    assert mean.get_xdata()[0] == 0.65
    assert [label.get_text() for label in axes.get_yticklabels()] == ["nv (n=70)", "mel (n=10)", "df (n=0)"]
    assert [text.get_text() for text in axes.texts] == ["0.900", "0.400", "no images"]
    assert axes.yaxis_inverted()
