import numpy as np

from lightning_skin.evaluation.clustered import Mean, Share
from lightning_skin.evaluation.conformal import ConformalSets, ConformalThresholds
from lightning_skin.evaluation.figures.conformal import conformal_figure

NAN = float("nan")


def test_coverage_of_each_class_stands_beside_the_promise() -> None:
    share = Share(0.8, (0.6, 0.9), 8, 10)
    classes = {"nv": share, "mel": Share(1.0, (0.7, 1.0), 9, 9), "df": Share(NAN, (NAN, NAN), 0, 0)}
    found = ConformalSets(
        thresholds=ConformalThresholds(("nv", "mel", "df"), 0.9, (0.2, 0.0, 0.1), (30, 5, 12)),
        sets=np.zeros((19, 3), bool),
        coverage=share,
        coverage_per_class=classes,
        mean_size=Mean(1.25, (1.1, 1.4)),
        sizes=(2, 10, 7, 0),
        singletons=share,
        singleton_accuracy=share,
        empty=share,
    )
    figure = conformal_figure(found, "Conformal sets")
    left, right = figure.axes
    promised, *points = left.lines
    assert promised.get_xdata()[0] == 0.9
    np.testing.assert_array_equal([point.get_xydata()[0] for point in points], [[0.8, 0], [1, 1], [NAN, 2]])
    np.testing.assert_array_equal(left.collections[0].get_segments()[0][:, 0], [0.6, 0.9])
    assert [text.get_text() for text in left.texts] == ["0.800", "in every set", "no images"]
    assert [label.get_text() for label in left.get_yticklabels()] == ["nv (n=10)", "mel (n=9)", "df (n=0)"]
    assert [bar.get_height() for bar in right.patches] == [2, 10, 7, 0]
    assert figure.get_suptitle() == "Conformal sets: 1.25 classes in a set"
