from lightning_skin.evaluation.clustered import Share
from lightning_skin.evaluation.figures.operating import operating_points_figure
from lightning_skin.evaluation.operating_points import Decisions, OperatingPoint

NAN = float("nan")
NONE = Share(NAN, (NAN, NAN), 0, 0)


def decisions(sensitivity: Share, specificity: Share) -> Decisions:
    return Decisions(sensitivity, specificity, NONE, NONE, NONE)


def test_each_point_shows_both_rates_on_both_tables() -> None:
    val = decisions(Share(0.95, (0.8, 0.99), 19, 20), Share(0.7, (0.6, 0.8), 70, 100))
    test = decisions(Share(0.9, (0.75, 0.97), 36, 40), NONE)
    point = OperatingPoint("sensitivity_95", "sensitivity ≥ 95 %", 0.12345, val, test)
    figure = operating_points_figure([point], "Malignancy")
    (axes,) = figure.axes
    # The first four are the marks, the others stand in the legend only.
    values = [line.get_xdata()[0] for line in axes.lines[:3]]
    assert values == [0.95, 0.9, 0.7]
    ends = [collection.get_segments()[0][:, 0].tolist() for collection in axes.collections[:1]]
    assert ends == [[0.75, 0.97]]
    assert [text.get_text() for text in axes.texts] == ["0.900 of 40", "no images"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["sensitivity ≥ 95 %\n(p ≥ 0.123)"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == [
        "sensitivity, test",
        "sensitivity, validation",
        "specificity, test",
        "specificity, validation",
    ]
